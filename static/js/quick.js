// Quick order by keyboard: suggestions, Enter from item to quantity to the next line, paste anywhere. Without this file it is a plain form.
(() => {
  "use strict";
  const entry = document.getElementById("quick-entry");
  if (!entry) return;
  const item = document.getElementById("quick-item");
  const quantity = document.getElementById("quick-quantity");
  const paste = document.getElementById("quick-paste");
  const lines = document.getElementById("quick-lines");
  const box = () => document.getElementById("quick-found");
  const options = () => [...box().querySelectorAll("[data-sku]")];
  const primary = () => document.querySelector("#pad-bar .primary:not([disabled])");
  const active = () => box().querySelector('[aria-selected="true"]');

  const show = (open) => {
    box().hidden = !open;
    item.setAttribute("aria-expanded", String(open));
    if (!open) item.removeAttribute("aria-activedescendant");
  };
  const select = (option) => {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (option) { item.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  };
  const choose = (option) => {
    item.value = option.dataset.sku;
    quantity.value = quantity.value || option.dataset.least;
    show(false);
    quantity.focus();
    quantity.select();
  };

  item.addEventListener("keydown", (event) => {
    const all = options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!all.length) return;
      event.preventDefault();
      show(true);
      const at = all.indexOf(active()) + (event.key === "ArrowDown" ? 1 : -1);
      select(all[(at + all.length) % all.length]);
    } else if (event.key === "Escape") {
      show(false);
    } else if (event.key === "Enter") {
      const chosen = !box().hidden && active();
      if (chosen) { event.preventDefault(); choose(chosen); }
      else if (!item.value.trim()) { event.preventDefault(); const take = primary(); if (take) take.focus(); }
      else if (item.value.trim() && !quantity.value.trim()) { event.preventDefault(); show(false); quantity.focus(); }
    }
  });
  entry.addEventListener("mousedown", (event) => {
    const option = event.target.closest(".quick-found [data-sku]");
    if (option) { event.preventDefault(); choose(option); }
  });
  item.addEventListener("blur", () => show(false));
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.elt.id !== "quick-found" && event.detail.target.id !== "quick-found") return;
    const isHere = document.activeElement === item && item.value.trim().length > 1;
    show(isHere);
  });

  // After a line is on the pad the next one is typed at once; a line that was refused stays in its boxes.
  entry.addEventListener("htmx:beforeRequest", (event) => { if (event.target === entry) show(false); });
  entry.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== entry || !event.detail.successful) return;
    entry.reset();
    item.value = "";
    quantity.value = "";
    item.focus();
  });

  // The pad's buttons stand outside of its form; htmx hears only of those inside.
  document.addEventListener("htmx:configRequest", (event) => {
    const button = event.detail.triggeringEvent && event.detail.triggeringEvent.submitter;
    if (event.detail.elt.id === "pad-form" && button && button.name) event.detail.parameters[button.name] = button.value;
  });

  // What a button of the pad did is told beside a link to the basket; there the keyboard goes on.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "pad" || document.activeElement !== document.body) return;
    const next = document.querySelector("#pad > .alert a") || item;
    next.focus();
  });

  // Lines pasted anywhere but into a box of their own go to the list.
  document.addEventListener("paste", (event) => {
    const text = (event.clipboardData || { getData: () => "" }).getData("text");
    const into = event.target;
    const isOwnBox = into === lines || (into.matches && into.matches("input:not(#quick-item), textarea"));
    if (isOwnBox || !/[\n\t]/.test(text.trim())) return;
    event.preventDefault();
    paste.closest("details").open = true;
    lines.value = (lines.value.trim() ? lines.value.replace(/\n*$/, "\n") : "") + text;
    paste.requestSubmit();
  });
})();
