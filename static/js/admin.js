// Administration: the search boxes of fields with suggestions say what they are for; Django leaves them without a name.
(() => {
  "use strict";

  const fields = ".select2-search__field:not([aria-label])";
  const name = (field) => {
    const own = field.closest(".select2-container");
    const box = own?.previousElementSibling?.matches("select") ? own : document.querySelector("select + .select2-container--open");
    const select = box?.previousElementSibling;
    const label = select?.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label) field.setAttribute("aria-label", label.textContent.trim().replace(/:$/, ""));
  };
  const all = () => document.querySelectorAll(fields).forEach(name);
  // After Django's own ready functions, which make the boxes; without its jQuery there are none.
  window.django?.jQuery?.(all);
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(fields)) name(event.target);
  });
})();
