// Invoices: adds up what is ticked, for the bar at the bottom. Payments: goes on to the provider. Both work without it.
(() => {
  "use strict";

  const lang = document.documentElement.lang || "en";
  const money = (minor, currency) => {
    const format = new Intl.NumberFormat(lang === "en" ? "en-GB" : lang, { style: "currency", currency, useGrouping: "always" });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  };

  const bar = document.querySelector("[data-pay-bar]");
  if (bar) {
    const boxes = [...document.querySelectorAll("[data-pay]")];
    const all = document.querySelector("[data-pay-all]");
    const button = bar.querySelector("[data-pay-button]");
    const words = bar.querySelector("[data-pay-words]");
    const start = { button: button.textContent, words: words.textContent };
    const count = () => {
      const ticked = boxes.filter((box) => box.checked);
      const currencies = new Set(ticked.map((box) => box.dataset.currency));
      const sum = ticked.reduce((total, box) => total + Number(box.dataset.pay), 0);
      for (const box of boxes) box.closest("tr").classList.toggle("is-selected", box.checked);
      if (all) all.checked = boxes.length > 0 && ticked.length === boxes.length;
      button.disabled = ticked.length === 0 || currencies.size > 1;
      words.textContent = currencies.size > 1 ? bar.dataset.mixed : ticked.length ? "" : start.words;
      const label = ticked.length === 1 ? bar.dataset.one : bar.dataset.many.replace("{n}", String(ticked.length));
      button.textContent = ticked.length && currencies.size === 1 ? `${label} · ${money(sum, [...currencies][0])}` : start.button;
    };
    for (const box of boxes) box.addEventListener("change", count);
    if (all && boxes.length) {
      all.hidden = false;
      all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; count(); });
    }
    window.addEventListener("pageshow", count);
    count();
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  const go = document.querySelector("form[data-go]");
  if (go) go.submit();
})();
