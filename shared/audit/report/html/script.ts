/**
 * What the page does beyond showing: filters, search, keys, printing. It runs in browsers, so that it is kept as text
 * and takes nothing but what the page holds. Without it all of the report can be read.
 */
export const script = `'use strict';
document.documentElement.classList.add('js');
addEventListener('DOMContentLoaded', () => {
  const list = document.querySelector('.reqs');
  if (!list) return;
  const items = [...list.children].map((li) => ({ li, card: li.firstElementChild, text: undefined }));
  const tools = document.querySelector('.tools');
  const search = document.getElementById('search');
  const shown = document.getElementById('shown');
  const buttons = [...document.querySelectorAll('.tools button[data-group]')];
  const textOf = (item) => (item.text ??= item.li.textContent.toLowerCase());
  const pressed = (button) => button.getAttribute('aria-pressed') === 'true';
  const visible = () => items.filter(({ li }) => !li.hidden);

  function filter() {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const wanted = {};
    for (const button of buttons.filter(pressed)) (wanted[button.dataset.group] ??= []).push(button.dataset.value);
    for (const item of items) {
      const fits = Object.entries(wanted).every(([group, values]) =>
        item.li.dataset[group].split(' ').some((value) => values.includes(value)));
      item.li.hidden = !(fits && words.every((word) => textOf(item).includes(word)));
    }
    const count = visible().length;
    shown.textContent = count === items.length ? items.length + ' shown' : count + ' of ' + items.length + ' shown';
    list.parentElement.classList.toggle('empty', count === 0);
  }

  function reset() {
    search.value = '';
    for (const button of buttons) button.setAttribute('aria-pressed', 'false');
    filter();
  }

  function move(step) {
    const all = visible();
    if (all.length === 0) return;
    const at = all.findIndex(({ li }) => li.contains(document.activeElement));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
    const summary = next.card.firstElementChild;
    summary.focus({ preventScroll: true });
    next.li.scrollIntoView({ block: 'nearest' });
    summary.scrollIntoView({ block: 'nearest' });
  }

  function keepClear() {
    const sticks = getComputedStyle(tools).position === 'sticky';
    document.documentElement.style.scrollPaddingTop = sticks ? tools.offsetHeight + 8 + 'px' : '';
  }

  function openAll(open) {
    for (const { card } of visible()) card.open = open;
  }

  function reveal() {
    const card = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    if (!card || !card.classList.contains('req')) return;
    card.parentElement.hidden = false;
    card.open = true;
    card.scrollIntoView();
  }

  for (const button of buttons)
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(!pressed(button)));
      filter();
    });
  search.addEventListener('input', filter);
  document.getElementById('reset').addEventListener('click', reset);
  document.getElementById('toggle').addEventListener('click', (event) => {
    const open = event.currentTarget.dataset.open !== 'true';
    event.currentTarget.dataset.open = String(open);
    event.currentTarget.textContent = open ? 'Close all' : 'Open all';
    openAll(open);
  });
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) {
      if (event.key === 'Escape') { reset(); search.blur(); }
      if (event.key === 'ArrowDown' || event.key === 'Enter') { event.preventDefault(); move(1); }
      return;
    }
    const inList = list.contains(document.activeElement);
    const steps = { j: 1, k: -1, ...(inList ? { ArrowDown: 1, ArrowUp: -1 } : {}) };
    if (event.key === '/') { event.preventDefault(); search.focus(); search.select(); }
    else if (steps[event.key]) { event.preventDefault(); move(steps[event.key]); }
    else if (event.key === 'Escape') reset();
  });
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('details:not([open])')];
    for (const details of closed) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of closed) details.open = false;
  });
  addEventListener('hashchange', reveal);
  addEventListener('resize', keepClear);
  filter();
  keepClear();
  reveal();
});
`;
