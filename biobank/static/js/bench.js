// The bench keeps every scan in the browser until the server has it: in order, once each, over reloads and lost lines.
"use strict";

(() => {
  const place = document.querySelector("[data-bench]");
  if (!place) return;
  const field = place.querySelector("[data-scan-input]"), badge = document.getElementById("bench-kept");
  const AGAIN_MS = 2000, WAIT_MS = 15000;
  // Scans belong to whoever made them: another person's wait until that person signs in here.
  const person = place.dataset.person || localStorage.getItem("bench-person") || "";
  const store = (who) => `bench-scans:${who}`;
  const waiting = () => JSON.parse(localStorage.getItem(store(person)) || "[]");
  const others = () => Object.keys(localStorage).some((key) =>
    key.startsWith("bench-scans:") && key !== store(person) && JSON.parse(localStorage.getItem(key)).length);
  let why = "", isSending = false;
  if (place.dataset.person) localStorage.setItem("bench-person", person);
  if (!localStorage.getItem("bench-device")) localStorage.setItem("bench-device", `bench-${key().slice(0, 8)}`);

  function key() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  const keep = (scans) => localStorage.setItem(store(person), JSON.stringify(scans));
  const sound = (tone) => document.dispatchEvent(new CustomEvent("sound", { detail: tone }));

  const show = () => {
    const count = waiting().length, reason = why || (count ? "" : others() ? "others" : "");
    badge.hidden = !(why || (reason === "others"));
    badge.querySelector("[data-kept]").textContent = count;
    for (const text of badge.querySelectorAll("[data-why]")) text.hidden = text.dataset.why !== reason;
  };

  const add = (text, how) => {
    const code = text.trim();
    field.value = "";
    if (!code) return;
    try {
      keep([...waiting(), { id: key(), code, at: new Date().toISOString(), how }]);
    } catch {
      why = "full";
      sound("stop");
    }
    if (why) sound("note");
    show();
    send();
  };

  // A tube that was received changes its own square; after any other scan all of them are asked for again.
  const paint = (band) => {
    const tile = band && document.querySelector(`[data-tube="${CSS.escape(band.dataset.tile)}"]`);
    if (!tile) {
      document.body.dispatchEvent(new CustomEvent("scanned"));
      return;
    }
    const done = tile.closest("svg").previousElementSibling.querySelector("[data-done]");
    if (tile.matches(".tile--expected, .tile--missing")) done.textContent = Number(done.textContent) + 1;
    tile.setAttribute("class", `tile tile--${band.dataset.state}`);
    tile.querySelector("text").textContent = band.querySelector(".band__sign").textContent;
  };

  const answered = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("bench-live");
    const old = document.getElementById("bench-live");
    if (!fresh || !old) return;
    old.replaceWith(fresh);
    if (window.htmx) htmx.process(fresh);
    paint(fresh.querySelector("[data-tile]"));
    const loud = fresh.querySelector("[data-sound]");
    if (loud) sound(loud.dataset.sound);
    if (loud && loud.dataset.say && window.speechSynthesis) {
      const spoken = new SpeechSynthesisUtterance(loud.dataset.say.trim());
      spoken.lang = document.documentElement.lang;
      speechSynthesis.speak(spoken);
    }
  };

  const later = () => setTimeout(send, AGAIN_MS);

  // One tab sends at a time, where the browser can tell; a scan sent twice is one scan anyway, by its key.
  const alone = (work) => (navigator.locks ? navigator.locks.request(store(person), work) : work());

  const send = async () => {
    if (isSending || !place.dataset.person) return;
    isSending = true;
    const again = await alone(sendAll).catch(() => "offline");
    isSending = false;
    why = again || "";
    show();
    if (why === "offline") later();
    else if (!why && waiting().length) send();
  };

  const sendAll = async () => {
    for (let scans = waiting(); scans.length; scans = waiting()) {
      const [scan] = scans, body = new URLSearchParams({
        code: scan.code, scan_id: scan.id, scanned_at: scan.at, sent_at: new Date().toISOString(),
        device: localStorage.getItem("bench-device"), entered_by: scan.how || "unknown",
      });
      const answer = await fetch(place.dataset.bench, {
        method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual", signal: AbortSignal.timeout(WAIT_MS),
      });
      if (answer.status === 204 || answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") return "signed-out";
      if (answer.status >= 500 || answer.status === 429) return "offline";
      const html = await answer.text();
      keep(waiting().filter((other) => other.id !== scan.id));
      why = "";
      if (answer.ok) answered(html);
      show();
    }
    return "";
  };

  place.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    add(field.value, "typed");
  });
  field.addEventListener("scan", (event) => {
    event.preventDefault();
    add(event.detail.text, event.detail.how);
  });
  // A picture that is chosen but not sent yet is not swapped away.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([...event.detail.target.querySelectorAll("input[type=file]")].some((box) => box.files.length)) event.detail.shouldSwap = false;
  });
  addEventListener("online", send);
  addEventListener("storage", show);
  place.querySelector("[data-sign-in-link]").href = place.dataset.signIn || "/sign-in";
  if (navigator.serviceWorker && place.dataset.worker) navigator.serviceWorker.register(place.dataset.worker, { scope: place.dataset.bench }).catch(() => {});
  if (!place.dataset.person) why = "offline";
  show();
  send();
})();
