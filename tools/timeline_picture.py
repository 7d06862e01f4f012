#!/usr/bin/python3
"""Looks at timelines in Chromium, and makes docs/testing_kit/timeline.png again.

    tools/install_packages.sh tools/debian_packages_picture.txt
    tools/timeline_picture.py [FOLDER]

It opens the pages of tests/backend/timeline_page.cc from files, light, dark, narrow, for
paper and without scripts. It checks that texts have the contrast of WCAG 2.1 AA, that no
box cuts its contents, that calls are hidden, followed and stepped through, that nothing
is loaded and that the content security policy is not broken. With FOLDER it leaves there
a picture of each view and a PDF, to be looked at.
"""

import base64
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
PICTURE = TOP / "docs/testing_kit/timeline.png"
PROGRAM = "//tests/backend:timeline_page"
WIDTH = 1140

# Returns the texts that are shown with a contrast below 4.5, or 3 where they are large.
CONTRAST = r"""(() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map(
        (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  // A box that is placed over another is below it here, so that lanes are asked, too.
  const backOf = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const back = parse(getComputedStyle(e).backgroundColor);
      if (back[3] === 1) return back;
      if (e.matches('.call')) return parse(getComputedStyle(document.querySelector('.lane')).backgroundColor);
    }
    return [255, 255, 255];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.matches('script, style, button:disabled')) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(parse(style.color)), luminance(backOf(element))].sort();
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= (style.fontWeight >= 700 ? 18.66 : 24);
    if (ratio < (large ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)} ${walker.currentNode.data.slice(0, 40)}`);
  }
  return bad.slice(0, 10);
})()"""

# Returns the boxes that do not show all of their contents.
CUT = r"""[...document.querySelectorAll('.call')].filter((box) => box.checkVisibility() &&
    (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1 ||
     [...box.querySelectorAll('.name, .text')].some(
         (part) => part.getBoundingClientRect().bottom > box.getBoundingClientRect().bottom + 1)))
    .map((box) => box.id)"""


class Browser:
    """Chromium, asked over the two pipes of its protocol for tools."""

    def __init__(self, folder):
        ask, self.asking = os.pipe()
        self.answering, answer = os.pipe()

        def as_three_and_four():
            # Above 4 first, so that neither takes the other's place.
            high = [os.dup2(ask, 13), os.dup2(answer, 14)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--remote-debugging-pipe",
                f"--user-data-dir={folder}/profile",
            ],
            preexec_fn=as_three_and_four,
            close_fds=False,
            stderr=subprocess.DEVNULL,
        )
        os.close(ask)
        os.close(answer)
        self.count = 0
        self.unread = b""
        self.events = []

    def read(self):
        while b"\0" not in self.unread:
            more = os.read(self.answering, 1 << 20)
            if not more:
                raise RuntimeError("Chromium has ended")
            self.unread += more
        text, _, self.unread = self.unread.partition(b"\0")
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.asking, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") != self.count:
                self.events.append(answer)
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            return answer["result"]

    def wait_for(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.read())

    def close(self):
        with contextlib.suppress(RuntimeError, OSError):
            self.call("Browser.close")
        self.process.wait(timeout=60)


class Page:
    def __init__(self, browser, path, width=WIDTH, height=900, scheme="light", media="screen", script=True):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.events.clear()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        self.call(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.call("Page.navigate", url=f"file://{path}")
        browser.wait_for("Page.loadEventFired")

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def resize(self, width, height):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def click(self, selector, x=None, y=None):
        """Clicks the middle of an element, or a place in it."""
        box = self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            " return [b.left, b.top, b.width, b.height]; })()"
        )
        place = {
            "x": box[0] + (box[2] / 2 if x is None else x),
            "y": box[1] + (box[3] / 2 if y is None else y),
            "button": "left",
            "clickCount": 1,
        }
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, **place)

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def picture(self, height=None):
        area = self.value("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": area[0], "height": height or area[1], "scale": 1}
        data = self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(data["data"])

    def complaints(self):
        """Returns what the page has loaded, or said on the console."""
        said = []
        for event in self.browser.events:
            kind, parameters = event.get("method"), event.get("params", {})
            if kind == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if not url.startswith("file://"):
                    said.append(f"loads {url}")
            elif kind in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
                said.append(json.dumps(parameters))
        return said


failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)
        print(f"FAILED: {what}")


def expect_readable(page, what):
    expect(page.value(CONTRAST) == [], f"{what}: contrast: {page.value(CONTRAST)}")
    expect(page.value(CUT) == [], f"{what}: boxes cut: {page.value(CUT)}")
    expect(page.complaints() == [], f"{what}: {page.complaints()}")


SHOWN = "[...document.querySelectorAll('.call')].filter((b) => b.checkVisibility()).length"
FADED = SHOWN.replace(".call", ".call.faded")
HERE = "[...document.querySelectorAll('.here')].map((b) => b.id).join()"
CHOSEN = "document.querySelector('input[name=order]:checked').value"


def check_following(page, what):
    """The page's controls, used as a reader does."""
    calls = page.value("document.getElementById('order-a').dataset.calls").split(" ")
    page.click(f"#b{calls[1]}", 12, 40)
    expect(page.value(CHOSEN) == "a", f"{what}: a click on a call does not choose its order")
    expect(page.value(HERE) == f"b{calls[1]}", f"{what}: nor its place")
    page.press("ArrowRight")
    expect(page.value(HERE) == f"b{calls[2]}", f"{what}: the right arrow does not go on")
    page.press("Home")
    expect(page.value(HERE) == f"b{calls[0]}", f"{what}: Home does not go to the first")
    page.click("#next")
    expect(page.value(HERE) == f"b{calls[1]}", f"{what}: Next does not go on")
    lines = page.value("document.querySelectorAll('#path > path').length")
    expect(lines == len(calls) - 1, f"{what}: {lines} lines of the path")
    expect(
        page.value("document.activeElement.closest('.call')?.id") == f"b{calls[1]}",
        f"{what}: the focus is not on the call",
    )
    page.click("[data-place=b1]")
    expect(page.value(CHOSEN) == "b", f"{what}: a click on a label does not choose its order")
    expect_readable(page, f"{what}, followed")
    page.press("Escape")
    expect(page.value(CHOSEN) == "", f"{what}: Escape does not end it")


def check_hiding(page, what):
    before = page.value("document.getElementById('timeline').offsetHeight")
    page.click("#hide")
    expect(page.value(FADED) == 0, f"{what}: faded calls are not hidden")
    expect(page.value(SHOWN) > 0, f"{what}: all calls are hidden")
    after = page.value("document.getElementById('timeline').offsetHeight")
    expect(after < before, f"{what}: hidden calls keep their room")
    expect_readable(page, f"{what}, faded calls hidden")


def look_at_screens(browser, pages, leave):
    for scheme in ("light", "dark"):
        page = Page(browser, pages["example"], scheme=scheme)
        expect_readable(page, scheme)
        leave(f"{scheme}.png", page.picture())
        check_following(page, scheme)
        check_hiding(page, scheme)
        page.click("#order-a")
        page.press("ArrowRight")
        leave(f"{scheme}-hidden.png", page.picture())
        narrow = Page(browser, pages["example"], width=390, scheme=scheme)
        expect_readable(narrow, f"{scheme}, narrow")
        wide = narrow.value("document.documentElement.scrollWidth")
        expect(wide <= 390, f"{scheme}: {wide} pixels wide on 390")
        leave(f"{scheme}-narrow.png", narrow.picture())


def look_without_scripts(browser, pages, leave):
    page = Page(browser, pages["example"], script=False)
    check_hiding(page, "without scripts")
    page.click("#order-b")
    calls = page.value("document.getElementById('order-b').dataset.calls").split(" ")
    page.click(f"#b{calls[0]} .place-b [data-to]")
    expect(page.value("location.hash") == f"#b{calls[1]}", "without scripts: no step")
    expect(
        page.value(f"getComputedStyle(document.getElementById('b{calls[1]}')).outlineStyle") == "solid",
        "without scripts: the call of the step is not marked",
    )
    leave("without-scripts.png", page.picture())


def look_at_paper(browser, pages, leave):
    """The size is that of A4, across, between its margins."""
    for name in ("example", "hostile"):
        page = Page(browser, pages[name], width=1032, height=703, scheme="dark")
        page.click("#hide")
        page.click("#order-a")
        page.call("Emulation.setEmulatedMedia", media="print")
        expect_readable(page, f"{name} on paper")
        hidden = page.value("document.querySelectorAll('.call').length") - page.value(SHOWN)
        expect(hidden == 0, f"{name} on paper: {hidden} calls are not shown")
        back = page.value("getComputedStyle(document.body).backgroundColor")
        expect(back == "rgb(255, 255, 255)", f"{name} on paper: the background is {back}")
        for part in ("#bar", "#path", "#hiding"):
            shown = page.value(f"document.querySelector('{part}').checkVisibility()")
            expect(not shown, f"{name} on paper: {part} is shown")
        pdf = page.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        leave(f"{name}.pdf", base64.b64decode(pdf["data"]))


def look_at_others(browser, pages, leave):
    page = Page(browser, pages["hostile"])
    title = page.value("document.title")
    expect(title.startswith("</script></style>"), f"hostile: the title is {title}")
    expect(page.value("document.images.length") == 0, "hostile: there is an image")
    expect_readable(page, "hostile")
    leave("hostile.png", page.picture())
    page = Page(browser, pages["large"])
    expect(page.value(SHOWN) == 1000, f"large: {page.value(SHOWN)} calls are shown")
    check_hiding(page, "large")
    expect(page.value(SHOWN) == 4, f"large: {page.value(SHOWN)} calls matter")
    leave("large-hidden.png", page.picture())


def make_picture(browser, pages):
    """The timeline alone: the calls in full would make the picture long."""
    page = Page(browser, pages["example"])
    height = page.value("document.getElementById('calls').previousElementSibling.offsetTop")
    page.resize(WIDTH, height)
    page.click("#order-a")
    page.press("ArrowRight")
    page.click("#next")
    page.value("scrollTo(0, 0)")
    # Room for the bar at the end of the window.
    page.resize(WIDTH, height + 40)
    PICTURE.write_bytes(page.picture(height + 40))


def main():
    subprocess.run(["./bazelw", "build", "--noshow_progress", PROGRAM], check=True, cwd=TOP)
    program = TOP / "bazel-bin" / PROGRAM[2:].replace(":", "/")
    with tempfile.TemporaryDirectory() as folder:
        pages = {}
        for name in ("example", "hostile", "large"):
            pages[name] = pathlib.Path(folder, f"{name}.html")
            pages[name].write_bytes(subprocess.run([program, name], check=True, stdout=subprocess.PIPE).stdout)

        def leave(name, data):
            if len(sys.argv) > 1:
                pathlib.Path(sys.argv[1], name).write_bytes(data)

        browser = Browser(folder)
        try:
            look_at_screens(browser, pages, leave)
            look_without_scripts(browser, pages, leave)
            look_at_paper(browser, pages, leave)
            look_at_others(browser, pages, leave)
            if not failures:
                make_picture(browser, pages)
        finally:
            browser.close()
    print(f"{len(failures)} failures; " + ("the picture is as it was" if failures else f"made {PICTURE.relative_to(TOP)}"))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
