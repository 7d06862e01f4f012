#include "glue_security/testing/generators/policy_generator.h"

#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/generators/condition_operators.h"
#include "glue_security/testing/generators/policy_mutants.h"
#include "glue_security/testing/generators/policy_node.h"
#include "glue_security/testing/generators/policy_samples.h"

namespace glue_security {
namespace {

using Texts = std::vector<std::string>;

// Returns an object around `levels` arrays.
std::string Nested(size_t levels) {
  return absl::StrCat("{\"a\":", std::string(levels, '['),
                      std::string(levels, ']'), "}");
}

const Texts& PlainJson() {
  static const auto* const kTexts =
      new Texts{"{}", R"({"Version":"2012-10-17","Statement":[]})",
                " { \"k\" : [ 1.5e3 , \"\\ud83d\\ude00\" ] } "};
  return *kTexts;
}

// Texts that are hard to read, or not a JSON object.
const Texts& OddJson() {
  static const auto* const kTexts = new Texts{
      "",
      "{",
      "[]",
      "{}{}",
      "\"text\"",
      "null",
      R"({"a":1,})",
      R"({"a":01})",
      R"({"a":1,"a":2})",
      R"({"a":"\ud83d"})",
      R"({"a":"\ude00\ud83d"})",
      R"({"a":"\x"})",
      "{\"a\":\"\n\"}",
      "{\"\xC3\xA9\":\"\x7F\"}",
      "{\"\xFF\":1}",
      "\xFF",
      R"({"a":{"b":[{"c":[]}]}})",
      R"({"a":-})",
      "\xEF\xBB\xBF{}",
      std::string("{}\0", 3),
      Nested(Limits().policy_depth_max - 1),
      Nested(Limits().policy_depth_max),
      Nested(1023),
      Nested(1024),
      absl::StrCat("{}", std::string(10238, ' ')),
      absl::StrCat("{}", std::string(10239, ' ')),
  };
  return *kTexts;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", text, "\"");
}

// Makes a document that is valid at every level, for one catalog.
class GoodPolicy {
 public:
  GoodPolicy(ChoiceSource& choices, const Caller& caller)
      : choices_(choices),
        catalog_(absl::StrCat("arn:aws:glue:", caller.region, ":",
                              caller.account_id, ":")) {}

  std::string Generate() {
    std::string text = "{";
    if (choices_.Below(2) == 1) {
      text += choices_.Below(2) == 0 ? R"("Version":"2012-10-17",)"
                                     : R"("Version":"2008-10-17",)";
    }
    if (choices_.OneIn(8)) text += "\"Id\":\"Z\xC3\xBCrich\",";
    text += "\"Statement\":";
    if (choices_.Below(2) == 0) {
      AppendStatement(&text);
      return text + "}";
    }
    text += "[";
    do {
      if (count_ > 0) text += ",";
      AppendStatement(&text);
    } while (count_ < kStatementsMax && choices_.Below(2) == 1);
    return text + "]}";
  }

 private:
  static constexpr size_t kStatementsMax = 4;

  void AppendStatement(std::string* text) {
    ++count_;
    text->push_back('{');
    if (choices_.OneIn(3)) absl::StrAppend(text, "\"Sid\":\"s", count_, "\",");
    // No statement denies the caller the actions that it needs to replace or
    // delete the policy.
    const bool denies = choices_.OneIn(4);
    absl::StrAppend(text, "\"Effect\":", denies ? "\"Deny\"" : "\"Allow\"",
                    ",\"Principal\":");
    AppendPrincipal(text);
    *text += !denies && choices_.OneIn(8) ? ",\"NotAction\":" : ",\"Action\":";
    AppendOneOrMore(text, [&] {
      return choices_.Pick<const char*>(
          {"glue:GetTable", "glue:Get*", "glue:DeleteTable", "glue:?etTables"});
    });
    *text += choices_.OneIn(8) ? ",\"NotResource\":" : ",\"Resource\":";
    AppendOneOrMore(text, [&] {
      return absl::StrCat(catalog_, choices_.Pick<const char*>(
                                        {"catalog", "*", "database/default",
                                         "table/db/t", "table/*"}));
    });
    if (choices_.OneIn(4)) AppendCondition(text);
    text->push_back('}');
  }

  void AppendPrincipal(std::string* text) {
    switch (choices_.Below(6)) {
      case 0:
        *text += "\"*\"";
        return;
      case 1:
        *text += R"({"Service":"glue.amazonaws.com"})";
        return;
      default:
        *text += R"({"AWS":)";
    }
    AppendOneOrMore(text, [&] {
      return choices_.Pick<const char*>(
          {"210987654321", "arn:aws:iam::210987654321:root",
           "arn:aws:iam::210987654321:user/alice",
           "arn:aws:iam::210987654321:role/team/reader",
           "arn:aws:sts::210987654321:assumed-role/reader/session",
           "AIDAABCDEFGHIJKLMNOP"});
    });
    text->push_back('}');
  }

  void AppendCondition(std::string* text) {
    const uint64_t count = std::size(kAllOperators);
    const absl::string_view name = kAllOperators[choices_.Below(count)];
    const bool if_exists = name != "Null" && choices_.OneIn(4);
    absl::StrAppend(text, ",\"Condition\":{\"",
                    choices_.OneIn(4) ? "ForAnyValue:" : "", name,
                    if_exists ? "IfExists" : "", "\":{\"aws:PrincipalTag/a\":");
    // The grammar refuses values of Date operators that are no dates.
    const bool is_date = absl::StartsWith(name, "Date");
    AppendOneOrMore(text, [&] {
      return is_date ? choices_.Pick<const char*>({"2026", "2026-01-31"})
                     : choices_.Pick<const char*>({"a", "b"});
    });
    *text += "}}";
  }

  // Appends one string, or a list of one or two.
  template <typename Make>
  void AppendOneOrMore(std::string* text, Make&& make) {
    const uint64_t form = choices_.Below(3);
    if (form > 0) text->push_back('[');
    *text += Quoted(make());
    if (form == 2) absl::StrAppend(text, ",", Quoted(make()));
    if (form > 0) text->push_back(']');
  }

  ChoiceSource& choices_;
  // The beginning of the catalog's ARNs.
  const std::string catalog_;
  size_t count_ = 0;
};

// The text of a mutant in the samples' catalog.
struct Mutant {
  FindingCode code;
  std::string text;
};

// The mutants of all samples that are valid at `level`, without those whose
// finding depends on which principals exist. The last ones, from `locking` on,
// lock their author out.
struct Mutants {
  explicit Mutants(PolicyChecks level) {
    const std::vector<PolicyLayout> layouts = PolicyLayouts();
    std::vector<Mutant> lock_outs;
    for (const PolicySample& sample : PolicySamples()) {
      if (sample.level < level) continue;
      for (const PolicyNode& node :
           PolicyMutants(NodeFromObject(sample.text), level)) {
        // The layout with escapes would hide the names that are moved to
        // another catalog.
        PolicyWriter writer(layouts[all.size() % (layouts.size() - 1)]);
        writer.WriteDocument(node);
        const FindingCode code = writer.marks().front().code;
        if (code == FindingCode::kNonexistentPrincipal) continue;
        (code == FindingCode::kPolicyLocksOutCaller ? lock_outs : all)
            .push_back({code, writer.text()});
      }
    }
    locking = all.size();
    all.insert(all.end(), lock_outs.begin(), lock_outs.end());
  }

  std::vector<Mutant> all;
  size_t locking = 0;
};

const Mutants& MutantsOf(PolicyChecks level) {
  if (level == PolicyChecks::kGrammar) {
    static const auto* const kGrammar = new Mutants(PolicyChecks::kGrammar);
    return *kGrammar;
  }
  static const auto* const kGlue = new Mutants(PolicyChecks::kGlue);
  return *kGlue;
}

// Moves a text from the samples' catalog to the catalog of `caller`.
std::string MoveTo(const Caller& caller, const std::string& text) {
  std::vector<std::pair<absl::string_view, absl::string_view>> replacements = {
      {kSampleAccount, caller.account_id}, {kSampleRegion, caller.region}};
  if (!caller.principal_arn.empty()) {
    replacements.emplace_back(kSampleCaller, caller.principal_arn);
  }
  return absl::StrReplaceAll(text, replacements);
}

// Makes a text without blanks longer by `bytes`: a valid document at the end of
// its first resource, "{}" by a key.
void Lengthen(size_t bytes, GeneratedPolicy* policy) {
  std::string& text = policy->text;
  const size_t arn = text.find("\"arn:aws:glue:");
  if (arn != std::string::npos) {
    text.insert(text.find('"', arn + 1), bytes, 'x');
  } else if (constexpr size_t kLeast = 4; text == "{}" && bytes >= kLeast) {
    text = absl::StrCat("{\"", std::string(bytes - kLeast, 'k'), "\":0}");
  } else {
    // Too short for a member; no JSON.
    if (bytes > 0) policy->finding = FindingCode::kJsonSyntaxError;
    text.append(bytes, 'x');
  }
}

}  // namespace

GeneratedPolicy PolicyGenerator::Generate(ChoiceSource& choices,
                                          const Caller& caller) const {
  const bool odd = choices.OneIn(10);
  if (!odd) return {GenerateGood(choices, caller), std::nullopt};
  if (IsJsonOnly()) return {choices.Pick(OddJson()), std::nullopt};
  return GenerateBroken(choices, caller);
}

std::string PolicyGenerator::GenerateGood(ChoiceSource& choices,
                                          const Caller& caller) const {
  if (IsJsonOnly() && choices.Below(4) != 3) return choices.Pick(PlainJson());
  return GoodPolicy(choices, caller).Generate();
}

GeneratedPolicy PolicyGenerator::GenerateBroken(ChoiceSource& choices,
                                                const Caller& caller) const {
  const Mutants& mutants = MutantsOf(level_);
  const Mutant& mutant = mutants.all[choices.Below(
      caller.principal_arn.empty() ? mutants.locking : mutants.all.size())];
  return {MoveTo(caller, mutant.text), mutant.code};
}

GeneratedPolicy PolicyGenerator::GenerateOfSize(size_t bytes,
                                                CountedBytes counted,
                                                ChoiceSource& choices,
                                                const Caller& caller) const {
  GeneratedPolicy policy = {
      IsJsonOnly() ? "{}" : GoodPolicy(choices, caller).Generate(),
      std::nullopt};
  if (policy.text.size() > bytes) {
    policy.text = "{}";
    policy.finding = FindingCode::kMissingStatement;
  }
  if (policy.text.size() > bytes) {
    policy.text = std::string(bytes, '{');
    policy.finding = FindingCode::kJsonSyntaxError;
  }
  const size_t missing = bytes - policy.text.size();
  if (counted == CountedBytes::kNoBlanks) {
    Lengthen(missing, &policy);
    // Does not count, but for the minimum.
    constexpr size_t kBytesMin = 2;
    if (bytes > kBytesMin && choices.Below(2) == 1) policy.text += " \n";
  } else {
    // Blanks go inside the braces, or behind them.
    policy.text.insert(
        choices.Below(2) == 0 || bytes < 2 ? policy.text.size() : 1, missing,
        choices.Below(2) == 0 ? ' ' : '\n');
  }
  if (IsJsonOnly()) policy.finding = std::nullopt;
  return policy;
}

}  // namespace glue_security
