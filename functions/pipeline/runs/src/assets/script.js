// What the page of a run does better with a script: it follows the run, part by part, so that
// neither the focus nor the place that was scrolled to is lost. Without it, a link does the same.
"use strict";

const LONGEST_WAIT = 10000;

for (const form of document.forms) {
  form.addEventListener("submit", () => {
    // After the browser has read the form: a second click would find nothing to do.
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });
}

// Going back shows a page as it was left, with its buttons off.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

follow();

// Asks how the run stands, less often as long as nothing happens, until nothing can.
async function follow() {
  let wait = 700;
  while (document.getElementById("status")?.dataset.over === "false") {
    await new Promise((resolve) => setTimeout(resolve, wait));
    await seen();
    wait = Math.min(wait * 1.3, LONGEST_WAIT);
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.status === 404) return location.reload();
      if (!answer.ok) continue;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (show(page)) wait = 700;
    } catch {
      // The network comes and goes; the next look may work.
    }
  }
}

// Nobody needs news of a page in the background.
function seen() {
  if (!document.hidden) return null;
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}

// Puts the parts that have changed in place of the old ones; tells whether there were any.
function show(page) {
  let hasChanged = false;
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh || part.outerHTML === fresh.outerHTML) continue;
    hasChanged = true;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    for (const { name, value } of fresh.attributes) part.setAttribute(name, value);
    part.replaceChildren(...fresh.childNodes);
    // What had the focus may be there again; if not, the part it was in is the nearest.
    if (focused && focused !== part) {
      ((focused.id && document.getElementById(focused.id)) || part).focus({ preventScroll: true });
    }
  }
  if (document.title !== page.title) document.title = page.title;
  return hasChanged;
}
