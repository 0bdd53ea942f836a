// Everything works without this file; it makes the keyboard and a slow line pleasant. No library but htmx, no inline code.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const words = (key) => document.body.dataset["words" + key[0].toUpperCase() + key.slice(1)] || "";
  const on = (type, fn, target = document) => target.addEventListener(type, fn);
  const isTyping = (el) => el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName);

  // --- "/" goes to the search; Escape closes what is open ---
  on("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
      const field = document.querySelector("[data-search]");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
    if (event.key === "Escape") {
      const open = event.target.closest("details[data-menu][open]") || document.querySelector("details[data-menu][open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
    }
  });
  on("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // --- Filters are open beside a list and folded above it on a phone ---
  const wide = window.matchMedia("(min-width: 961px)");
  const foldFacets = () => document.querySelectorAll("[data-facets]").forEach((box) => { box.open = wide.matches; });
  foldFacets();
  wide.addEventListener("change", foldFacets);

  // --- A table wider than its place is scrolled with the keyboard too ---
  const reachScrollers = () => document.querySelectorAll(".table-wrap").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
  });
  reachScrollers();
  on("resize", reachScrollers, window);

  // --- Quantity: steps of the pack, Enter sends and goes to the next row ---
  const hasComma = root.lang.startsWith("es");
  const grouped = hasComma ? /^\d{1,3}(\.\d{3})+(,\d*)?$/ : /^\d{1,3}(,\d{3})+(\.\d*)?$/;
  const number = (text) => {
    const typed = String(text).trim();
    return Number((grouped.test(typed) ? typed.replaceAll(hasComma ? "." : ",", "") : typed).replace(",", "."));
  };
  const step = (input, direction) => {
    const size = number(input.dataset.multiple) || 1;
    const least = number(input.dataset.minimum) || size;
    const now = number(input.value) || 0;
    if (Number.isNaN(now)) return;
    const base = direction > 0 ? Math.floor(now / size + 1e-9) : Math.ceil(now / size - 1e-9);
    const next = Math.max((base + direction) * size, least);
    input.value = String(Number(next.toFixed(4))).replace(".", hasComma ? "," : ".");
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  on("click", (event) => {
    const button = event.target.closest(".qty [data-step]");
    if (button) step(button.parentElement.querySelector("[data-qty]"), Number(button.dataset.step));
  });
  on("keydown", (event) => {
    const input = event.target;
    if (!input.matches || !input.matches("[data-qty]")) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      step(input, event.key === "ArrowUp" ? 1 : -1);
    } else if (event.key === "Enter") {
      const form = input.form;
      if (!form || !form.hasAttribute("hx-post")) return;
      event.preventDefault();
      const boxes = [...document.querySelectorAll("[data-qty]:not([disabled])")].filter((box) => box.offsetParent);
      const next = boxes[boxes.indexOf(input) + 1] || input;
      // Leaving the box is a change: a form that sends changes is sent by it, once.
      if (/change/.test(form.getAttribute("hx-trigger"))) input.blur();
      else if (input.value.trim()) form.requestSubmit();
      next.focus();
      next.select();
    }
  });
  on("focusin", (event) => { if (event.target.matches("[data-qty]")) event.target.select(); });

  // --- What is typed or stepped while an answer is on its way is still there when it has come, and is sent then ---
  const boxes = (within) => [...within.querySelectorAll("input[type=text]")].filter((box) => box.value !== box.defaultValue);
  const belongs = (box, asked) => box.form === asked || asked.contains(box);
  let typed = [];
  on("htmx:beforeSwap", ({ detail }) => {
    if (!detail.shouldSwap) return;
    const { elt, parameters } = detail.requestConfig;
    typed = boxes(detail.target)
      .filter((box) => !belongs(box, elt) || box.value !== parameters[box.name])
      .map((box) => ({ id: box.id, value: box.value, at: box === document.activeElement && [box.selectionStart, box.selectionEnd] }));
  });
  on("htmx:afterSwap", () => typed.splice(0).forEach(({ id, value, at }) => {
    const box = id && document.getElementById(id);
    if (!box || box.value === value) return;
    const send = () => { if (box.value !== box.defaultValue) box.dispatchEvent(new Event("change", { bubbles: true })); };
    box.value = value;
    if (!at) { send(); return; }
    box.focus();
    box.setSelectionRange(...at);
    box.addEventListener("blur", send, { once: true });
  }));

  // --- Who changes a quantity and presses a link at once takes the change along ---
  let leaving = "";
  const unsent = () => boxes(document).find((box) => box.matches("form[hx-trigger*=change] [data-qty]"));
  on("click", (event) => {
    const link = event.target.closest("a[href]:not([target], [download], [href^='#'])");
    const isPlain = !event.defaultPrevented && !event.button && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    const box = link && isPlain && unsent();
    if (!box) return;
    event.preventDefault();
    leaving = link.href;
    box.form.requestSubmit();
  });
  on("htmx:afterSettle", () => {
    if (!leaving) return;
    const box = unsent();
    if (box) { box.form.requestSubmit(); return; }
    const there = leaving;
    leaving = "";
    if (!document.querySelector("[data-qty][aria-invalid]")) window.location.assign(there);
  });
  ["htmx:sendError", "htmx:responseError"].forEach((type) => on(type, () => { leaving = ""; }));

  // --- A form is sent once. Forms that htmx sends may go again at once, but not by the second click of a double click ---
  on("click", (event) => {
    if (event.detail > 1 && event.target.closest("form[hx-post] button:not([type=button])")) event.preventDefault();
  });
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.hasAttribute("hx-post") || form.dataset.again !== undefined) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => {
      form.querySelectorAll("button:not([type=button])").forEach((button) => { button.disabled = true; button.setAttribute("aria-busy", "true"); });
    });
  });
  on("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => { button.disabled = false; button.removeAttribute("aria-busy"); });
    });
  }, window);

  // --- A document that the ERP must make first: its link works until the answer, a file or a page that waits for it ---
  on("click", (event) => {
    const link = event.target.closest("a[data-fetches]");
    if (!link) return;
    link.setAttribute("aria-busy", "true");
    setTimeout(() => link.removeAttribute("aria-busy"), 2500);
  });

  // --- What was typed survives an expired session: every form[method=post] with a long text, or with [data-keep=name].
  // It is kept in this browser for a day, for that person and company; it goes when it was sent, at the log-out, and when
  // somebody else logs in. What was sent has arrived when a page of
  // the same company follows that refuses nothing; a log-in, an error or the desk of a rep whose time is over is none. ---
  const me = (document.querySelector("main[data-person]") || { dataset: {} }).dataset;
  const mine = "kept:" + me.person + ":";
  const store = {
    keys: () => { try { return Object.keys(localStorage).filter((key) => key.startsWith("kept:")); } catch { return []; } },
    get: (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } },
    drop: (key) => { try { localStorage.removeItem(key); } catch { /* forbidden */ } },
  };
  const isAgain = performance.getEntriesByType("navigation").some((visit) => visit.type !== "navigate");
  const hasArrived = me.person && !isAgain && !document.querySelector("#messages .error");
  store.keys().forEach((key) => {
    const kept = store.get(key) || {};
    if (me.person && (!key.startsWith(mine) || !(Date.now() - kept.at < 864e5))) store.drop(key);
    else if (kept.sent && hasArrived && key.startsWith(mine + me.company + ":")) store.drop(key);
    else if (kept.sent) store.set(key, { ...kept, sent: false });
  });
  on("submit", (event) => { if (event.target.matches("[data-forgets]")) store.keys().forEach(store.drop); });
  const keepable = (form) => [...form.elements].filter((el) => el.name && !/^(hidden|password|submit|button|file)$/.test(el.type));
  const valueOf = (el) => (/^(checkbox|radio)$/.test(el.type) ? el.checked : el.value);
  const initially = (el) => {
    if (/^(checkbox|radio)$/.test(el.type)) return el.defaultChecked;
    if (el.tagName === "SELECT") return ([...el.options].find((option) => option.defaultSelected) || el.options[0] || {}).value;
    return el.defaultValue;
  };
  const slot = (el) => (/^(checkbox|radio)$/.test(el.type) ? el.name + "=" + el.value : el.name);
  const forms = me.person ? [...document.querySelectorAll("main form[method=post]")] : [];
  forms.filter((form) => form.dataset.keep || form.querySelector("textarea")).forEach((form) => {
    const key = mine + me.company + ":" + (form.dataset.keep || location.pathname + ">" + form.getAttribute("action"));
    const kept = store.get(key);
    const hasErrors = form.querySelector("[aria-invalid]");
    let restored = false;
    if (kept && !hasErrors) {
      keepable(form).forEach((el) => {
        const value = kept.values[slot(el)];
        if (value === undefined || value === valueOf(el) || valueOf(el) !== initially(el)) return;
        if (typeof value === "boolean") el.checked = value; else el.value = value;
        restored = true;
      });
    }
    if (restored) toast(words("kept"));
    const keep = (sent) => {
      const values = {};
      keepable(form).forEach((el) => { if (sent || valueOf(el) !== initially(el)) values[slot(el)] = valueOf(el); });
      store.set(key, { at: Date.now(), values, sent });
    };
    on("input", () => keep(false), form);
    on("submit", () => keep(true), form);
  });

  // --- Toasts: HX-Trigger {"toast": {"text": "…", "undo": {"url": "…", "values": {…}}}} ---
  function toast(text, undo) {
    const region = document.getElementById("toasts");
    if (!region || !text) return;
    const box = document.createElement("div");
    box.className = "toast";
    const line = document.createElement("p");
    line.textContent = text;
    box.append(line);
    const add = (label, action) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => { action(); box.remove(); });
      box.append(button);
    };
    if (undo && window.htmx) {
      add(words("undo"), () => window.htmx.ajax("POST", undo.url, { values: undo.values || {}, target: undo.target || "#main", swap: undo.swap || "none" }));
    }
    add(words("close"), () => {});
    region.append(box);
    let timer;
    const wait = () => { timer = setTimeout(() => box.remove(), 10000); };
    ["mouseenter", "focusin"].forEach((type) => box.addEventListener(type, () => clearTimeout(timer)));
    ["mouseleave", "focusout"].forEach((type) => box.addEventListener(type, wait));
    wait();
  }
  on("toast", (event) => toast(event.detail.text || event.detail.value, event.detail.undo));

  // --- htmx: an answer with an error is shown, never swallowed; a logged-out answer goes to the log-in ---
  on("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    if (status === 422 || status === 409) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  // --- What was pressed says that it is working, until the answer is there ---
  const pressed = (event) => { const how = event.detail.requestConfig; return how && how.triggeringEvent && how.triggeringEvent.submitter; };
  on("htmx:beforeRequest", (event) => { const button = pressed(event); if (button) button.setAttribute("aria-busy", "true"); });
  on("htmx:afterRequest", (event) => { const button = pressed(event); if (button) button.removeAttribute("aria-busy"); });
  on("htmx:sendError", () => toast(words("failed")));
  on("htmx:responseError", (event) => { if (event.detail.xhr.status !== 404) toast(words("failed")); });

  // --- Dialogs: [data-dialog=id] opens, [data-close] closes; [data-submit-on-change] sends its form ---
  on("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) { const box = document.getElementById(opener.dataset.dialog); if (box && box.showModal) { event.preventDefault(); box.showModal(); } }
    const closer = event.target.closest("[data-close]");
    if (closer) { const box = closer.closest("dialog"); if (box) { event.preventDefault(); box.close(); } }
    if (event.target.closest("[data-print]")) window.print();
  });
  on("change", (event) => {
    const el = event.target.closest("[data-submit-on-change]");
    if (el && el.form) el.form.requestSubmit();
  });
  // --- [data-check-all=name] ticks every box of that name in its form or table ---
  on("change", (event) => {
    const name = event.target.dataset && event.target.dataset.checkAll;
    if (!name) return;
    const scope = event.target.closest("form, table");
    scope.querySelectorAll(`input[type=checkbox][name="${name}"]`).forEach((box) => { box.checked = event.target.checked; });
  });
})();
