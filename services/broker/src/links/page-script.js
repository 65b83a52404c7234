// Asks for the secret once, shows it for a minute, and forgets it. It is in one input field and nowhere else.

const shownMs = 60 * 1000;
const element = (id) => document.getElementById(id);
const [reveal, secret, copy] = ["reveal", "secret", "copy"].map(element);
const say = (text) => {
  element("status").textContent = text;
};

const refusals = {
  "nothing-there": "There is nothing here any more: it was shown already, or its time is over.",
  "other-person": "This password is for somebody else.",
  "second-factor-missing": "Sign in with a second factor, please.",
  "sign-in-old": "Your sign-in is older than five minutes.",
  "not-signed-in": "Your sign-in has ended.",
  "too-many-attempts": "That was too often.",
};
const signInHelps = ["second-factor-missing", "sign-in-old", "not-signed-in", "too-many-attempts"];

function refused(code) {
  element("asking").hidden = true;
  element("again").hidden = !signInHelps.includes(code);
  say(refusals[code] ?? "It could not be shown. Nothing was used up: try again in a moment.");
  if (refusals[code] === undefined) {
    element("asking").hidden = false;
    reveal.disabled = false;
  }
}

function hide() {
  secret.value = "";
  element("shown").hidden = true;
  say("The password is hidden now, and cannot be shown again.");
}

reveal.addEventListener("click", async () => {
  reveal.disabled = true;
  say("One moment …");
  try {
    const response = await fetch(reveal.dataset.url, { method: "POST", cache: "no-store" });
    const answer = await response.json();
    if (!response.ok) {
      refused(answer.code);
      return;
    }
    element("asking").hidden = true;
    element("shown").hidden = false;
    secret.value = answer.secret;
    secret.focus();
    secret.select();
    say("It is hidden in one minute.");
    setTimeout(hide, shownMs);
    // A page that the browser keeps for its back button keeps no secret.
    addEventListener("pagehide", hide, { once: true });
  } catch {
    refused("unavailable");
  }
});

copy.addEventListener("click", async () => {
  secret.select();
  try {
    await navigator.clipboard.writeText(secret.value);
    say("Copied. It is hidden in less than a minute.");
  } catch {
    say("Copy it with the keyboard: it is selected.");
  }
});
