// What the code page does better with a script: it tells at once when the code is sent, counts
// down, and lets the phone fill the code in. Without it, everything still works.
"use strict";

const delivery = document.getElementById("delivery");
const countdown = document.getElementById("countdown");
let ends = 0;

if (delivery && countdown) {
  follow();
  count();
  fill();
}

for (const form of document.forms) {
  form.addEventListener("submit", () => {
    // After the browser has read the form: a button that is off is not sent, but stops a second click.
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });
}

// Going back shows a page as it was left, with its buttons off.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Asks how the delivery stands, less often as time goes by, until there is nothing to wait for.
async function follow() {
  let wait = 700;
  while (delivery.dataset.status === "requested") {
    await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 1.3, 5000);
    try {
      const answer = await fetch(delivery.dataset.path, { headers: { accept: "application/json" } });
      if (answer.status === 404) return location.assign("/login");
      if (!answer.ok) continue;
      show(await answer.json());
    } catch {
      // The network comes and goes; the next look may work.
    }
  }
}

function show(challenge) {
  if (challenge.status === delivery.dataset.status) return;
  delivery.dataset.status = challenge.status;
  delivery.textContent = delivery.dataset[challenge.status];
  document.getElementById("check-again")?.parentElement.remove();
  // What can be done now is another page.
  if (challenge.status === "refused") location.reload();
  if (challenge.codeExpiresIn) restart(challenge.codeExpiresIn);
}

function restart(seconds) {
  ends = performance.now() + seconds * 1000;
}

// Counts on the page's own clock, from what was left when it was made: the device's may be wrong.
function count() {
  const button = document.getElementById("resend-button");
  const again = performance.now() + countdown.dataset.resend * 1000;
  if (countdown.dataset.expires) restart(Number(countdown.dataset.expires));
  const tick = () => {
    const now = performance.now();
    const left = seconds(ends - now);
    const wait = seconds(again - now);
    let text = "";
    if (ends) text = left ? `The code is valid for ${clock(left)}. ` : "The code is no longer valid. ";
    if (button && wait) text += `You can ask for another one in ${clock(wait)}.`;
    countdown.textContent = text;
    if (button) button.disabled = wait > 0;
  };
  tick();
  setInterval(tick, 1000);
}

function seconds(milliseconds) {
  return Math.max(0, Math.ceil(milliseconds / 1000));
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// Android's browsers hand the code of a text over that names this host (WebOTP).
async function fill() {
  if (!("OTPCredential" in window)) return;
  const stop = new AbortController();
  const form = document.getElementById("enter-code");
  form.addEventListener("submit", () => stop.abort());
  try {
    const found = await navigator.credentials.get({
      otp: { transport: ["sms"] },
      signal: stop.signal,
    });
    document.getElementById("code").value = found.code;
    form.requestSubmit();
  } catch {
    // No text came, or it was not to be read; people can type.
  }
}
