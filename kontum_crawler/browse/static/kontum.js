// Keys for those who read much: / to the search box, j and k through a list or to the neighbours.
(() => {
  "use strict";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const step = (way) => {
    const links = [...document.querySelectorAll(".list .title")];
    if (links.length) {
      const here = links.indexOf(document.activeElement);
      const next = links[Math.min(links.length - 1, Math.max(0, here + way))];
      if (next) next.focus();
      return;
    }
    const link = document.querySelector(way > 0 ? "a[rel=next]" : "a[rel=prev]");
    if (link) link.click();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector("input[type=search]");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });
})();
