// When the bench is opened without a line, the page that keeps scans is shown in its place. Nothing of the study is kept.
"use strict";

const STORE = "bench-1", SHELL = "/bench/offline";

const keepShell = async () => {
  const cache = await caches.open(STORE), page = await fetch(SHELL, { redirect: "manual" });
  if (!page.ok) return;
  const html = await page.clone().text();
  await cache.put(SHELL, page);
  const parts = [...html.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map((found) => found[1]);
  await cache.addAll([...new Set(parts)]);
};

self.addEventListener("install", (event) => event.waitUntil(keepShell().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  const isBench = event.request.mode === "navigate" && address.pathname === "/bench";
  const isPart = address.origin === location.origin && address.pathname.startsWith("/static/");
  if (event.request.method !== "GET" || !(isBench || isPart)) return;
  event.respondWith(fetch(event.request).catch(async () =>
    (await caches.match(isBench ? SHELL : event.request)) || Response.error()));
});
