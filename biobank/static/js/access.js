// Passkeys, and the lock that blanks the page and gives it back as it was.
"use strict";

(() => {
  // Passkeys: the browser asks for the key; its answer goes into the form.
  const canPasskey = () => window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;

  const showPasskeys = () => {
    if (!canPasskey()) return;
    for (const button of document.querySelectorAll("[data-passkey][hidden]")) button.hidden = false;
  };

  const answer = async (button) => {
    const options = JSON.parse(button.dataset.options);
    if (button.dataset.passkey === "add") {
      return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    }
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-passkey]");
    if (!button) return;
    const problem = button.form.querySelector("[data-passkey-problem]");
    problem.hidden = true;
    try {
      button.form.elements.credential.value = JSON.stringify((await answer(button)).toJSON());
      button.form.requestSubmit();
    } catch {
      problem.hidden = false;
    }
  });

  // The lock: after a pause, or when told to, nothing of the page stays; what was typed waits in this script's memory.
  const tabs = new BroadcastChannel("lock");
  const { idle, lock, locked, alive } = document.body.dataset;
  const PAUSE = Number(idle || 0) * 60_000, TELL = 60_000;
  let isLocked = false, used = Date.now(), told = Date.now(), kept = [];

  const ask = (address, values) => fetch(address, {
    method: "POST", headers: { "HX-Request": "true" }, body: new URLSearchParams(values), redirect: "manual",
  });

  const boxes = () => [...document.querySelectorAll("main input:not([type=hidden]):not([type=password]):not([type=file]), main textarea, main select")];
  const named = (box, place) => box.id || `${box.name} ${place}`;

  const show = (html) => {
    document.body.removeAttribute("hx-get");
    document.body.innerHTML = html;
    showPasskeys();
    const first = document.querySelector("[autofocus]");
    if (first) first.focus();
  };

  const blank = async (isTold) => {
    if (isLocked || !lock) return;
    isLocked = true;
    kept = boxes().map((box, place) => [named(box, place), box.value, box.checked]);
    document.body.replaceChildren();
    if (!isTold) await ask(lock, { next: location.pathname + location.search });
    tabs.postMessage("locked");
    const page = await fetch(locked, { headers: { "HX-Request": "true" } });
    if (page.redirected || !page.ok) location.assign("/");
    else show(await page.text());
  };

  const giveBack = async () => {
    const page = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!page.ok || page.redirected) return location.assign(page.redirected ? page.url : "/");
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
    document.body.innerHTML = fresh.body.innerHTML;
    isLocked = false;
    used = told = Date.now();
    if (window.htmx) htmx.process(document.body);
    const typed = new Map(kept.map(([name, ...values]) => [name, values]));
    boxes().forEach((box, place) => {
      const values = typed.get(named(box, place));
      if (values) [box.value, box.checked] = values;
    });
    kept = [];
    showPasskeys();
    document.body.dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true }));
  };

  document.addEventListener("submit", async (event) => {
    if (event.target.matches("[data-lock-now]") && lock) {
      event.preventDefault();
      blank(false);
    } else if (isLocked && event.target.matches("[data-proof]")) {
      event.preventDefault();
      const answered = await ask(event.target.action, new FormData(event.target));
      if (answered.status === 204) {
        tabs.postMessage("unlocked");
        giveBack();
      } else if (answered.type === "opaqueredirect" || answered.status === 401 && answered.headers.get("Content-Type") === null) {
        location.assign("/");
      } else {
        show(await answered.text());
      }
    }
  }, true);

  const use = () => {
    used = Date.now();
    if (!lock || isLocked || used - told < TELL) return;
    told = used;
    tabs.postMessage("used");
    ask(alive, {});
  };
  for (const kind of ["keydown", "pointerdown", "wheel", "input"]) document.addEventListener(kind, use, { capture: true, passive: true });

  tabs.addEventListener("message", ({ data }) => {
    if (data === "used") used = told = Date.now();
    else if (data === "locked") blank(true);
    else if (data === "unlocked" && isLocked) giveBack();
  });
  document.addEventListener("session-locked", () => blank(true));
  setInterval(() => { if (PAUSE && Date.now() - used >= PAUSE) blank(false); }, 1000);
  document.addEventListener("DOMContentLoaded", showPasskeys);
})();
