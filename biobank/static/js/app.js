// A scan works wherever the focus is; sounds say what the colours say; live parts keep a typed value.
"use strict";

(() => {
  const BURST_MS = 50;      // a wedge scanner types a character every 1 to 20 ms, a person every 80 or more
  const PAUSE_MS = 400;     // what came without a longer pause than this came in one go
  const SHORTEST = 8;
  const CODE = /^[a-z]\d{12}$/i;
  const ECHO_MS = 1000;
  let burst = "", inOneGo = "", last = 0;

  const field = () => document.querySelector("[data-scan-input]");

  // Scans go one after the other: one that comes while the last is on its way waits, also across a page's reload.
  const queue = () => `scans:${location.pathname}`;
  const waiting = () => JSON.parse(sessionStorage.getItem(queue()) || "[]");
  let isSending = false;

  // How a code came in goes with it: wedge, serial, camera; typed unless one of these says otherwise.
  const keep = (scans) => sessionStorage.setItem(queue(), JSON.stringify(scans));

  const sendNext = () => {
    const input = field(), scans = waiting();
    if (!input || isSending || !scans.length) return;
    const scan = scans.shift();
    input.value = scan.text;
    const how = input.form.querySelector("[data-entered-by]");
    if (how) how.value = scan.how;
    keep(scans);
    input.form.requestSubmit();
  };

  // A scanner or a camera may read one label twice in a moment: the second time says nothing new.
  const isEcho = (text) => {
    const [before, at] = JSON.parse(sessionStorage.getItem("scan:last") || "[null, 0]"), now = Date.now();
    sessionStorage.setItem("scan:last", JSON.stringify([text, now]));
    return text === before && now - at < ECHO_MS;
  };

  const send = (text, how) => {
    if (!field()) return false;
    // A page may take its scans itself, such as the bench, which keeps them while there is no line.
    if (!field().dispatchEvent(new CustomEvent("scan", { detail: { text, how }, bubbles: true, cancelable: true }))) return true;
    if (isEcho(text)) return true;
    keep([...waiting(), { text, how }]);
    sendNext();
    return true;
  };

  document.addEventListener("biobank:scan", (event) => send(event.detail.text, event.detail.how));

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-scan]") || event.target.closest("[data-bench]")) return;
    const input = field();
    if (isSending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (input.value) keep([...waiting(), { text: input.value, how: "typed" }]);
      input.value = "";
      return;
    }
    isSending = true;
    const how = input.form.querySelector("[data-entered-by]");
    setTimeout(() => {                             // what stands in the field from now on is the next scan
      input.value = "";
      if (how) how.value = "typed";
    });
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const now = event.timeStamp;
    if (now - last > BURST_MS) burst = "";
    if (now - last > PAUSE_MS) inOneGo = "";
    last = now;
    if (event.key === "Enter" || event.key === "Tab") {
      if (burst.length >= SHORTEST && field()) {
        const focused = document.activeElement;
        // A busy machine may hear a pause inside a scan: what is in the field in one go is never cut to its last keys.
        const whole = focused === field() ? focused.value.trim() : "";
        const text = CODE.test(whole) || whole === inOneGo.trim() ? whole : burst;
        burst = "";
        if (focused && focused !== field() && "value" in focused && focused.value.toUpperCase().endsWith(text.toUpperCase())) {
          focused.value = focused.value.slice(0, -text.length);
        }
        if (send(text, "wedge")) event.preventDefault();
      }
      inOneGo = "";
    } else if (event.key.length === 1) {
      burst += event.key;
      inOneGo += event.key;
    }
  }, true);

  // A scanner on the station's serial port: its code enters the scan field by itself, each code once in this tab.
  const fetchScan = async () => {
    const place = document.querySelector("[data-station-scans]");
    if (!place || document.hidden || !field()) return;
    const address = place.dataset.stationScans, after = sessionStorage.getItem(address) || 0;
    const answer = await fetch(`${address}?background=1&after=${after}`);
    if (answer.status !== 200 || answer.redirected) return;
    const scan = await answer.json();
    sessionStorage.setItem(address, scan.seq);
    send(scan.text, "serial");
  };
  const listen = () => fetchScan().catch(() => {}).finally(() => setTimeout(listen, 400));
  listen();

  // Sounds are made here: no file to load, nothing to wait for.
  const TONES = { good: [[1320, 0.09]], again: [[880, 0.05], [880, 0.05]], care: [[660, 0.16]], stop: [[220, 0.45]], note: [[990, 0.06]] };
  let context;
  const sound = (name) => {
    const tones = TONES[name];
    if (!tones || !window.AudioContext) return;
    context = context || new AudioContext();
    let at = context.currentTime;
    for (const [pitch, length] of tones) {
      const tone = context.createOscillator(), volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.value = 0.15;
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + length);
      at += length + 0.05;
    }
  };

  document.addEventListener("sound", (event) => sound(event.detail));

  const settle = (root) => {
    const loud = root.querySelector ? root.querySelector("[data-sound]") : null;
    if (loud) sound(loud.dataset.sound);
    const input = field();
    if (input && (document.activeElement === document.body || document.activeElement === null)) input.focus();
    sendNext();
  };

  // A live part keeps what is being typed in it: boxes that no form has sent yet, and what was unfolded.
  const edited = (box) => {
    if (box.type === "checkbox" || box.type === "radio") return box.checked !== box.defaultChecked;
    if (box.tagName !== "SELECT") return box.value !== box.defaultValue;
    return box.selectedIndex !== Math.max(0, [...box.options].findIndex((option) => option.defaultSelected));
  };
  // What is being typed was begun on the version that was shown then: the server is to see what came in between.
  const version = (box) => box.form && box.form.elements.namedItem("version");
  let kept = [], unfolded = [], partial = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    const asked = event.detail.requestConfig;
    const sent = asked && asked.verb !== "get" && asked.elt.closest ? asked.elt.closest("form") : null;
    const boxes = [...event.detail.target.querySelectorAll("input:not([type=hidden]):not([data-scan-input]), textarea, select")];
    kept = boxes.filter((box) => box.id && box.form !== sent && edited(box)).map((box) => [box.id, box.value, box.checked, version(box) && version(box).value]);
    partial = field() ? field().value : "";
    const isSent = (part) => sent && [...part.querySelectorAll("input, select")].some((box) => box.form === sent);
    unfolded = [...event.detail.target.querySelectorAll("details[open][id]")].filter((part) => !isSent(part)).map((part) => part.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, value, checked, drawn] of kept) {
      const box = document.getElementById(id);
      if (!box) continue;
      [box.value, box.checked] = [value, checked];
      if (drawn && version(box)) version(box).value = drawn;
    }
    if (partial && field()) {
      field().value = partial;
      field().focus();
    }
    for (const part of unfolded.map((id) => document.getElementById(id))) if (part) part.open = true;
    kept = unfolded = [];
    partial = "";
  });
  document.addEventListener("htmx:afterSettle", (event) => settle(event.target));
  document.addEventListener("htmx:afterRequest", (event) => {
    const asked = event.detail.requestConfig;
    if (asked && asked.elt.matches && asked.elt.matches("[data-scan]")) isSending = false;
  });
  document.addEventListener("DOMContentLoaded", () => settle(document));

  // Count-downs: <span data-until="RFC 3339 time">; the server writes the time, the page only shows what is left.
  setInterval(() => {
    for (const place of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Math.round((Date.parse(place.dataset.until) - Date.now()) / 1000));
      place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }
  }, 250);

  // A button with data-key is pressed by that key, unless somebody is typing.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, textarea, select")) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) button.click();
  });

  // Nobody looks at a hidden page: it takes up no place among those that wait for news, and asks when it is seen again.
  // What somebody sends from the page is answered with the page: news of it would overtake the answer.
  let sent = 0;
  const isSent = (event) => event.detail.requestConfig.verb !== "get";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-news]") && (document.hidden || sent)) event.preventDefault();
    if (isSent(event)) sent += 1;
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (isSent(event)) sent -= 1; });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (sent && event.detail.requestConfig.elt.matches("[data-news]")) event.detail.shouldSwap = false;
  }, true);
  document.addEventListener("visibilitychange", () => {
    const place = document.hidden ? null : document.querySelector("[data-news]");
    if (place && window.htmx) htmx.trigger(place, "again");
  });

  // Whoever sends into a cut line is told so: nothing on the page would change otherwise. Whatever gets through takes it back.
  const showLine = (isThere) => {
    const notice = document.getElementById("no-line");
    if (notice) notice.hidden = isThere;
  };
  document.addEventListener("htmx:sendError", () => showLine(false));
  document.addEventListener("htmx:afterOnLoad", () => showLine(true));

  // A basket shows by how much its two sides differ while they are ticked; the server counts anew.
  document.addEventListener("change", (event) => {
    const basket = event.target.closest("[data-basket]");
    if (!basket) return;
    const ticked = [...basket.querySelectorAll("[data-cents]:checked")];
    const cents = ticked.reduce((sum, box) => sum + Number(box.dataset.cents), 0);
    basket.querySelector("[data-basket-sum]").textContent = (cents / 100).toFixed(2);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-print]");
    if (button) window.print();
  });

  // A form that only carries on what another service answered goes by itself.
  document.querySelector("form[data-at-once]")?.requestSubmit();
})();
