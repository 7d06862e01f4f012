"""Finds the places that tools/mutate.py can break in a source, using clang's syntax
tree, and writes the source again with every change behind mutation_switch.h.

The changes, one place at a time:

- a condition (of a statement, an operand of `&&` and `||`, a comparison, a bool
  that is returned or assigned): negated, always true, always false;
- a comparison of numbers: the other operators in place of its own;
- `&&` and `||`: one for the other;
- a number, a character, a use of a named constant: one more, one less;
- a bool constant, an enumerator (error codes are enumerators): another value;
- a text: emptied, or filled when it is empty;
- an expression statement, a `return` when the function continues after it, `break`,
  `continue`: left out.
"""

import collections
import dataclasses
import re

from clang import cindex
from clang.cindex import CursorKind as K
from clang.cindex import TypeKind

cindex.Config.set_library_file("libclang-14.so.1")

NS = "glue_security_mutation::"
COMPARISONS = {
    "<": ("Less", "<=", ">", "!="),
    "<=": ("LessEqual", "<", ">=", "=="),
    ">": ("Greater", ">=", "<", "!="),
    ">=": ("GreaterEqual", ">", "<=", "=="),
    "==": ("Equal", "<=", ">=", None),
    "!=": ("NotEqual", "<", ">", None),
}
FUNCTIONS = {
    K.FUNCTION_DECL,
    K.CXX_METHOD,
    K.CONSTRUCTOR,
    K.DESTRUCTOR,
    K.CONVERSION_FUNCTION,
    K.FUNCTION_TEMPLATE,
}
SCOPES = {
    K.NAMESPACE,
    K.CLASS_DECL,
    K.STRUCT_DECL,
    K.CLASS_TEMPLATE,
    K.UNEXPOSED_DECL,
}
UNSIGNED = {
    TypeKind.UCHAR,
    TypeKind.USHORT,
    TypeKind.UINT,
    TypeKind.ULONG,
    TypeKind.ULONGLONG,
}
INTEGERS = UNSIGNED | {
    TypeKind.CHAR_S,
    TypeKind.SCHAR,
    TypeKind.CHAR16,
    TypeKind.CHAR32,
    TypeKind.SHORT,
    TypeKind.INT,
    TypeKind.LONG,
    TypeKind.LONGLONG,
}
TEXT_MAX = 110

NEGATE, TRUE, FALSE = "negated", "always true", "always false"


@dataclasses.dataclass
class Mutant:
    id: int
    file: str
    line: int
    function: str
    change: str

    def key(self):
        return (self.file, self.function, self.change)

    def where(self):
        return f"{self.file}:{self.line} {self.function}\n  {self.change}"


class Places:
    """The mutants of one source, with ids from `first_id` on."""

    def __init__(self, path, flags, first_id, root="."):
        self.path = path
        with open(f"{root}/{path}", "rb") as source:
            self.source = source.read()
        self.next_id = first_id
        self.mutants = []
        self.skipped = collections.Counter()
        self.edits = []  # (offset, closes, rank, text)
        self.depth = 0
        self.function = ""
        self.skip = None
        index = cindex.Index.create()
        self.unit = index.parse(
            f"{root}/{path}",
            args=["-xc++", *flags],
            options=cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD,
        )
        errors = [d for d in self.unit.diagnostics if d.severity >= 3]
        if errors:
            raise RuntimeError(f"{path} does not parse: {errors[0]}")
        self.switches = set()
        self.cannot_run = set()
        inside = False
        for number, line in enumerate(self.source.decode().splitlines(), 1):
            inside = inside or "// UNCOVERED-BEGIN" in line
            if inside:
                self.cannot_run.add(number)
            inside = inside and "// UNCOVERED-END" not in line
        self.macros = []
        for cursor in self.unit.cursor.get_children():
            if not self.is_here(cursor):
                continue
            if cursor.kind == K.MACRO_INSTANTIATION:
                self.macros.append(self.range_of(cursor))
        for cursor in self.unit.cursor.get_children():
            if self.is_here(cursor):
                self.visit(cursor, None)
        counts = collections.Counter()
        for mutant in self.mutants:
            counts[mutant.key()] += 1
            if counts[mutant.key()] > 1:
                mutant.change += f" #{counts[mutant.key()]}"

    # -- Text ---------------------------------------------------------------

    def is_here(self, cursor):
        file = cursor.location.file
        return file is not None and file.name.endswith(self.path)

    def range_of(self, cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def text(self, begin, end):
        text = self.source[begin:end].decode()
        # Joins lines, and ignores how the formatter divides a string literal.
        text = " ".join(text.split())
        return re.sub(r'" "', "", text)

    def text_of(self, cursor):
        return self.text(*self.range_of(cursor))

    def clipped(self, text):
        return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 3] + "..."

    def in_macro(self, cursor):
        begin, end = self.range_of(cursor)
        return any(b <= begin and end <= e for b, e in self.macros)

    def insert(self, begin, opening, end, closing):
        """Puts `opening` and `closing` around a range; outer ranges come first."""
        self.depth += 1
        self.edits.append((begin, 1, self.depth, opening))
        self.edits.append((end, 0, -self.depth, closing))

    def replace(self, begin, end, text):
        self.edits.append((begin, 2, end, text))

    def rewritten(self):
        out = []
        at = 0
        for offset, kind, rank, text in sorted(self.edits, key=lambda e: e[:3]):
            if offset > at:
                out.append(self.source[at:offset].decode())
                at = offset
            out.append(text)
            if kind == 2:
                at = rank
        out.append(self.source[at:].decode())
        return "".join(out)

    # -- Mutants ------------------------------------------------------------

    def reserve(self, count):
        first = self.next_id
        self.next_id += count
        return first

    def usable(self, cursor, what):
        """Returns true when a place can be switched; else counts it as skipped."""
        if self.in_macro(cursor):
            self.skipped["within a macro"] += 1
            return False
        if cursor.extent.start.line in self.cannot_run:
            self.skipped["between UNCOVERED-BEGIN and UNCOVERED-END"] += 1
            return False
        if self.skip is not None:
            self.skipped[self.skip] += 1
            return False
        return True

    def add(self, mutant_id, cursor, change):
        self.mutants.append(
            Mutant(
                mutant_id,
                self.path,
                cursor.extent.start.line,
                self.function or "(file)",
                change,
            )
        )

    def context(self, cursor, parent):
        """Returns the code around a constant, by which the change can be found."""
        if parent is None:
            return ""
        begin, end = self.range_of(parent)
        if end - begin > 400:
            at = cursor.extent.start.offset
            line_begin = self.source.rfind(b"\n", 0, at) + 1
            line_end = self.source.find(b"\n", at)
            begin, end = line_begin, line_end
        return f" in `{self.clipped(self.text(begin, end))}`"

    def condition(self, cursor, parent, variants=(NEGATE, TRUE, FALSE)):
        """Breaks a condition, then the conditions within it."""
        inner = cursor
        while inner.kind in (K.PAREN_EXPR, K.UNEXPOSED_EXPR):
            children = list(inner.get_children())
            if len(children) != 1:
                break
            inner = children[0]
        if inner.kind in (K.CXX_BOOL_LITERAL_EXPR, K.INTEGER_LITERAL):
            self.visit(inner, parent)
            return
        if variants and self.usable(cursor, "condition"):
            first = self.reserve(3)
            begin, end = self.range_of(cursor)
            self.insert(begin, f"{NS}Condition({first}, ", end, ")")
            for i, variant in enumerate((NEGATE, TRUE, FALSE)):
                if variant in variants:
                    text = self.clipped(self.text_of(cursor))
                    self.add(first + i, cursor, f"`{text}` {variant}")
        self.inside_condition(inner)

    def inside_condition(self, cursor):
        operator = self.operator_of(cursor)
        if operator is None:
            if cursor.kind == K.UNARY_OPERATOR and self.source_at(cursor) == "!":
                # The operand is negated together with the whole.
                for child in cursor.get_children():
                    self.children_of_condition(child)
                return
            self.visit_children(cursor)
            return
        text, begin, end, left, right = operator
        if text in ("&&", "||"):
            if self.usable(cursor, "logical"):
                self.logical(cursor, text, begin, end)
            # The other variants would equal those of the whole.
            variants = (NEGATE, TRUE) if text == "&&" else (NEGATE, FALSE)
            for operand in (left, right):
                within = self.operator_of(self.unwrapped(operand))
                same = within is not None and within[0] == text
                self.condition(operand, cursor, () if same else variants)
            return
        self.comparison(cursor, text, begin, end, left, right)
        self.visit(left, cursor)
        self.visit(right, cursor)

    def children_of_condition(self, cursor):
        inner = self.unwrapped(cursor)
        operator = self.operator_of(inner)
        if operator is not None and operator[0] in ("&&", "||"):
            self.inside_condition(inner)
        else:
            self.visit(inner, cursor, is_condition=True)

    def logical(self, cursor, text, begin, end):
        mutant = self.reserve(1)
        on = f"{NS}On({mutant})"
        at, stop = self.range_of(cursor)
        if text == "&&":
            self.insert(at, "(bool(", stop, f") : {on})")
            self.replace(begin, end, f") != {on} ? bool(")
            other = "||"
        else:
            # The result is `false` when the mutant is `&&` and the first is false.
            self.insert(at, "(bool(", stop, "))")
            self.replace(begin, end, f") != {on} ? !{on} : bool(")
            other = "&&"
        whole = self.clipped(self.text_of(cursor))
        self.add(mutant, cursor, f"`{text}` -> `{other}` in `{whole}`")

    def comparison(self, cursor, text, begin, end, left, right):
        name, *neighbours = COMPARISONS[text]
        kinds = [self.kind_of(left), self.kind_of(right)]
        if not all(k in INTEGERS or k == TypeKind.ENUM for k in kinds):
            return
        if TypeKind.BOOL in (self.unwrapped(o).type.kind for o in (left, right)):
            return  # Each other operator is one of the changes to the operands.
        if text in ("==", "!=") and TypeKind.ENUM in kinds:
            return  # An order of enumerators says nothing.
        if kinds[0] in UNSIGNED and self.text_of(right) in ("0", "0u"):
            return  # The same as `!=`, as always or as never.
        if not self.usable(cursor, "comparison"):
            return
        first = self.reserve(3)
        at, stop = self.range_of(cursor)
        self.insert(at, f"{NS}{name}({first}, ", stop, ")")
        self.replace(begin, end, ",")
        whole = self.clipped(self.text_of(cursor))
        for i, neighbour in enumerate(neighbours):
            if neighbour == "!=" and self.range_of(cursor) == self.counting:
                self.skipped["`!=` for `<` where an index counts up to it"] += 1
            elif neighbour is not None:
                self.add(first + i, cursor, f"`{text}` -> `{neighbour}` in `{whole}`")

    def number(self, cursor, parent, cast=""):
        if not self.usable(cursor, "number"):
            return
        first = self.reserve(2)
        begin, end = self.range_of(cursor)
        self.insert(begin, f"{NS}Number({first}, {cast}(", end, "))")
        text = self.text_of(cursor)
        where = self.context(cursor, parent)
        self.add(first, cursor, f"`{text}` one more{where}")
        self.add(first + 1, cursor, f"`{text}` one less{where}")

    def other(self, cursor, parent, text, shown):
        if not self.usable(cursor, "constant"):
            return
        mutant = self.reserve(1)
        begin, end = self.range_of(cursor)
        self.insert(begin, f"{NS}Other({mutant}, ", end, f", {text})")
        where = self.context(cursor, parent)
        self.add(mutant, cursor, f"`{self.text_of(cursor)}` -> `{shown}`{where}")

    def string(self, cursor, parent):
        if not self.usable(cursor, "text"):
            return
        mutant = self.reserve(1)
        begin, end = self.range_of(cursor)
        text = self.text_of(cursor)
        name = "Filled" if text == '""' else "Text"
        self.insert(begin, f"{NS}{name}({mutant}, ", end, ")")
        change = "filled" if text == '""' else "emptied"
        where = self.context(cursor, parent)
        self.add(mutant, cursor, f"{self.clipped(text)} {change}{where}")

    def delete(self, statement):
        if not self.usable(statement, "statement"):
            return
        begin, end = self.range_of(statement)
        end = self.source.index(b";", end) + 1
        mutant = self.reserve(1)
        self.insert(begin, f"{{ if (!{NS}On({mutant})) {{ ", end, " } }")
        text = self.clipped(self.text_of(statement))
        self.add(mutant, statement, f"left out `{text}`")

    # -- The tree -----------------------------------------------------------

    def source_at(self, cursor):
        return self.source[cursor.extent.start.offset : cursor.extent.start.offset + 1].decode()

    def unwrapped(self, cursor):
        while cursor.kind in (K.PAREN_EXPR, K.UNEXPOSED_EXPR):
            children = list(cursor.get_children())
            if len(children) != 1:
                break
            cursor = children[0]
        return cursor

    def kind_of(self, cursor):
        kind = cursor.type.get_canonical().kind
        inner = self.unwrapped(cursor)
        if kind in (TypeKind.INT, TypeKind.UINT) and inner.kind == K.DECL_REF_EXPR:
            # The operand is a promoted enumerator.
            kind = inner.type.get_canonical().kind
        return kind

    def operator_of(self, cursor):
        """Returns (text, begin, end, left, right) of `&&`, `||` or a comparison."""
        if cursor.kind == K.BINARY_OPERATOR:
            operands = list(cursor.get_children())
        elif cursor.kind == K.CALL_EXPR and cursor.spelling.startswith("operator"):
            operands = list(cursor.get_arguments())
        else:
            return None
        if len(operands) != 2 or any(o is None for o in operands):
            return None
        begin = operands[0].extent.end.offset
        end = operands[1].extent.start.offset
        between = self.source[begin:end].decode()
        match = re.fullmatch(r"\s*(&&|\|\||[<>]=?|[=!]=)\s*", between)
        if match is None:
            return None
        at = begin + match.start(1)
        return match.group(1), at, at + len(match.group(1)), *operands

    def is_bool(self, cursor):
        return cursor.type.get_canonical().kind == TypeKind.BOOL

    def visit_children(self, cursor):
        for child in cursor.get_children():
            self.visit(child, cursor)

    def with_skip(self, reason, cursors, parent):
        before = self.skip
        self.skip = self.skip or reason
        for cursor in cursors:
            self.visit(cursor, parent)
        self.skip = before

    def visit(self, cursor, parent, is_condition=False):
        # A default argument has the place of its declaration, not of the call.
        if not self.is_here(cursor):
            return
        kind = cursor.kind
        if kind in FUNCTIONS:
            self.visit_function(cursor)
        elif kind in SCOPES:
            before = self.function
            if kind in (K.CLASS_DECL, K.STRUCT_DECL, K.CLASS_TEMPLATE):
                self.function = cursor.spelling
            self.visit_children(cursor)
            self.function = before
        elif kind == K.ENUM_DECL:
            self.with_skip("the value of an enumerator", cursor.get_children(), cursor)
        elif kind == K.STATIC_ASSERT:
            self.with_skip("a static assertion", cursor.get_children(), cursor)
        elif kind in (K.VAR_DECL, K.FIELD_DECL, K.PARM_DECL):
            self.visit_variable(cursor)
        elif kind == K.COMPOUND_STMT:
            self.visit_block(cursor)
        elif kind == K.IF_STMT:
            self.visit_if(cursor)
        elif kind in (K.WHILE_STMT, K.DO_STMT, K.FOR_STMT):
            self.visit_loop(cursor)
        elif kind == K.CXX_FOR_RANGE_STMT:
            *before, body = list(cursor.get_children())
            for child in before:
                self.visit(child, cursor)
            self.visit_statement(body, cursor, goes_on=True)
        elif kind == K.SWITCH_STMT:
            *value, body = list(cursor.get_children())
            for child in value:
                self.visit(child, cursor)
            self.switches.add(self.range_of(body))
            self.visit(body, cursor)
        elif kind == K.CASE_STMT:
            label, *rest = list(cursor.get_children())
            self.with_skip("a case label", [label], cursor)
            for child in rest:
                self.visit_statement(child, cursor, self.goes_on)
        elif kind == K.DEFAULT_STMT:
            for child in cursor.get_children():
                self.visit_statement(child, cursor, self.goes_on)
        elif kind == K.RETURN_STMT:
            for child in cursor.get_children():
                self.visit_value(child, cursor)
        elif kind == K.CONDITIONAL_OPERATOR:
            condition, first, second = list(cursor.get_children())
            self.condition(condition, cursor)
            self.visit(first, cursor)
            self.visit(second, cursor)
        elif self.operator_of(cursor) is not None or (
            kind == K.UNARY_OPERATOR and self.source_at(cursor) == "!"
        ):
            if is_condition:
                self.inside_condition(cursor)
            else:
                self.condition(cursor, parent)
        elif kind == K.BINARY_OPERATOR and self.is_assignment(cursor):
            left, right = list(cursor.get_children())
            self.visit(left, cursor)
            self.visit_value(right, cursor)
        elif kind in (K.INTEGER_LITERAL, K.CHARACTER_LITERAL):
            self.number(cursor, parent)
        elif kind == K.CXX_BOOL_LITERAL_EXPR:
            other = "false" if self.text_of(cursor) == "true" else "true"
            self.other(cursor, parent, other, other)
        elif kind == K.STRING_LITERAL:
            self.string(cursor, parent)
        elif kind in (K.DECL_REF_EXPR, K.MEMBER_REF_EXPR):
            self.visit_reference(cursor, parent)
        elif kind == K.LAMBDA_EXPR:
            before = self.goes_on
            self.goes_on = False
            self.visit_children(cursor)
            self.goes_on = before
        elif self.is_implicit(cursor):
            # The parent of a constant is the nearest one that the source shows.
            for child in cursor.get_children():
                self.visit(child, parent)
        elif kind in (K.TYPE_ALIAS_DECL, K.USING_DECLARATION, K.TYPE_REF):
            pass
        else:
            self.visit_children(cursor)

    def is_implicit(self, cursor):
        """Returns true for parentheses and implicit conversions."""
        if cursor.kind in (K.UNEXPOSED_EXPR, K.PAREN_EXPR):
            return True
        children = list(cursor.get_children())
        return (
            cursor.kind == K.CALL_EXPR
            and len(children) == 1
            and self.range_of(children[0]) == self.range_of(cursor)
        )

    def is_assignment(self, cursor):
        children = list(cursor.get_children())
        if len(children) != 2:
            return False
        begin = children[0].extent.end.offset
        end = children[1].extent.start.offset
        return self.source[begin:end].decode().strip() == "="

    def visit_value(self, cursor, parent):
        """Visits a value that is returned, assigned, or initializes a variable."""
        inner = self.unwrapped(cursor)
        if self.is_bool(cursor) and inner.kind != K.CXX_BOOL_LITERAL_EXPR:
            self.condition(cursor, parent)
        else:
            self.visit(cursor, parent)

    def visit_function(self, cursor):
        before = self.function
        parent = cursor.semantic_parent
        name = cursor.spelling
        if parent is not None and parent.kind in (
            K.CLASS_DECL,
            K.STRUCT_DECL,
            K.CLASS_TEMPLATE,
        ):
            name = f"{parent.spelling}::{name}"
        self.function = re.sub(r"<.*>$", "", name)
        self.goes_on = False
        for child in cursor.get_children():
            # The type comes before the name and is skipped.
            if child.extent.start.offset >= cursor.location.offset:
                self.visit(child, cursor)
        self.function = before

    def visit_variable(self, cursor):
        name_at = cursor.location.offset
        children = [
            child
            for child in cursor.get_children()
            if child.extent.start.offset >= name_at
            and self.source[: child.extent.start.offset].rstrip()[-1:] != b"["
        ]
        tokens = {t.spelling for t in cursor.get_tokens()}
        is_constant = "constexpr" in tokens or self.is_literal_constant(
            cursor, children
        )
        if is_constant:
            reason = "the value of a constant (its uses are broken)"
            self.with_skip(reason, children, cursor)
            return
        for child in children:
            if child.kind.is_expression():
                self.visit_value(child, cursor)
            else:
                self.visit(child, cursor)

    def is_literal_constant(self, cursor, children):
        if not cursor.type.is_const_qualified() or not children:
            return False
        return self.unwrapped(children[-1]).kind in (
            K.INTEGER_LITERAL,
            K.CHARACTER_LITERAL,
        )

    def visit_reference(self, cursor, parent):
        target = cursor.referenced
        if target is None:
            self.visit_children(cursor)
            return
        if target.kind == K.ENUM_CONSTANT_DECL:
            self.visit_enumerator(cursor, parent, target)
        elif target.kind == K.VAR_DECL and self.is_named_constant(target):
            canonical = target.type.get_canonical()
            kind = canonical.kind
            if kind == TypeKind.ENUM:
                self.visit_enum_constant(cursor, parent, target)
            elif kind in INTEGERS:
                self.number(cursor, parent)
            elif kind == TypeKind.BOOL:
                text = f"!{self.text_of(cursor)}"
                self.other(cursor, parent, text, text)
            elif kind == TypeKind.CONSTANTARRAY or "string_view" in canonical.spelling:
                self.string(cursor, parent)
        else:
            self.visit_children(cursor)

    def is_named_constant(self, target):
        if not target.type.is_const_qualified():
            return False
        tokens = {t.spelling for t in target.get_tokens()}
        return "constexpr" in tokens

    def visit_enumerator(self, cursor, parent, target):
        enum = target.semantic_parent
        if not enum.spelling or "unnamed" in enum.spelling:
            self.number(cursor, parent, "static_cast<int>")
            return
        names = [c.spelling for c in enum.get_children()]
        self.sibling(cursor, parent, names, target.spelling)

    def visit_enum_constant(self, cursor, parent, target):
        # protobuf repeats the enumerators in the class: Outer_Inner_NAME as NAME.
        enum = target.type.get_canonical().get_declaration()
        names = [c.spelling for c in enum.get_children()]
        own = [n for n in names if n.endswith("_" + target.spelling)]
        if not own:
            number = next(
                c.enum_value for c in enum.get_children() if c.enum_value != 0
            )
            text = f"static_cast<{enum.type.spelling}>({number})"
            self.other(cursor, parent, text, f"{number}")
            return
        prefix = own[0][: -len(target.spelling)]
        names = [n[len(prefix) :] for n in names if n.startswith(prefix)]
        self.sibling(cursor, parent, names, target.spelling)

    def sibling(self, cursor, parent, names, name):
        at = names.index(name)
        others = [
            n
            for n in names[at + 1 :] + names[:at]
            if "DO_NOT_USE" not in n and not n.endswith("_UNSPECIFIED")
        ]
        if not others:
            self.skipped["an enumerator without another"] += 1
            return
        text = self.text_of(cursor)
        other = text[: len(text) - len(name)] + others[0]
        self.other(cursor, parent, other, others[0])

    # -- Statements ---------------------------------------------------------

    goes_on = False
    counting = None

    def visit_block(self, cursor):
        children = list(cursor.get_children())
        outer = self.goes_on
        for i, child in enumerate(children):
            self.visit_statement(child, cursor, outer or i + 1 < len(children))
        self.goes_on = outer

    def visit_statement(self, cursor, parent, goes_on):
        """`goes_on` is true when the function continues after the statement."""
        before = self.goes_on
        self.goes_on = goes_on
        kind = cursor.kind
        if kind == K.BREAK_STMT and self.ends_switch(cursor, parent):
            self.skipped["a `break` that ends its `switch` anyway"] += 1
        elif kind in (K.BREAK_STMT, K.CONTINUE_STMT):
            self.delete(cursor)
        elif kind == K.RETURN_STMT:
            if goes_on or not list(cursor.get_children()):
                self.delete(cursor)
            else:
                self.skipped["a return that the function ends with"] += 1
        elif kind.is_expression():
            if re.search(r"(\.|->)[rR]eserve\(", self.text_of(cursor)):
                self.skipped["room made beforehand"] += 1
                self.goes_on = before
                return
            self.delete(cursor)
        self.visit(cursor, parent)
        self.goes_on = before

    def ends_switch(self, cursor, parent):
        """Returns true when a `break` ends its `switch`, or only `break` follows."""
        if self.range_of(parent) not in self.switches and parent.kind not in (
            K.CASE_STMT,
            K.DEFAULT_STMT,
        ):
            return False
        rest = self.source[cursor.extent.end.offset :].decode()
        return re.match(r";\s*(default:\s*break;\s*)?\}", rest) is not None

    def visit_if(self, cursor):
        children = list(cursor.get_children())
        if children and children[0].kind == K.VAR_DECL:
            variable, _, *branches = children
            if self.usable(variable, "condition"):
                first = self.reserve(3)
                _, end = self.range_of(variable)
                test = f"{NS}Condition({first}, {variable.spelling})"
                self.insert(end, "", end, f"; {test}")
                text = self.clipped(self.text_of(variable))
                for i, variant in enumerate((NEGATE, TRUE, FALSE)):
                    self.add(first + i, variable, f"`{text}` {variant}")
            self.visit(variable, cursor)
        else:
            if children[0].kind == K.DECL_STMT:
                self.visit(children.pop(0), cursor)
            condition, *branches = children
            # The switch leaves the condition of an `if constexpr` unchanged.
            self.condition(condition, cursor)
        for branch in branches:
            self.visit_statement(branch, cursor, self.goes_on)

    def visit_loop(self, cursor):
        children = list(cursor.get_children())
        if cursor.kind == K.DO_STMT:
            body, condition = children
            self.visit_statement(body, cursor, goes_on=True)
            self.condition(condition, cursor)
            return
        body = children.pop()
        if cursor.kind == K.WHILE_STMT:
            self.condition(children[-1], cursor)
        else:
            begin = cursor.extent.start.offset
            first = self.source.index(b";", begin)
            second = self.source.index(b";", first + 1)
            for child in children:
                at = child.extent.start.offset
                if first < at < second:
                    # An index that is incremented by one meets its end exactly.
                    step = self.text_of(children[-1])
                    self.counting = (
                        self.range_of(child) if step.startswith("++") else None
                    )
                    self.condition(child, cursor)
                    self.counting = None
                else:
                    self.visit(child, cursor)
        self.visit_statement(body, cursor, goes_on=True)
