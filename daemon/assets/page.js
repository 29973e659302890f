// page.js - what is only a convenience: suggestions while typing, keys, steps through the
// matches, copying.  Everything can be done without it.
"use strict";
(() => {
const $ = (selector) => document.querySelector(selector);
document.documentElement.classList.add("js");

// An element with text, never with HTML: texts come from documents.
const make = (tag, attributes, text) => {
	const e = document.createElement(tag);
	for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
	if (text !== undefined) e.textContent = text;
	return e;
};

// ---- suggestions: a combobox with a list (WAI-ARIA) -----------------------------------------

const box = $("#q");

function combobox() {
	const list = make("ul", { id: "suggest", class: "suggest", role: "listbox", "aria-label": box.dataset.label });
	const said = make("div", { class: "unseen", role: "status" });
	let items = [], at = -1, typed = box.value, timer = 0, asked = null;

	for (const [k, v] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggest" }))
		box.setAttribute(k, v);
	list.hidden = true;
	box.parentNode.append(list, said);

	const close = () => {
		clearTimeout(timer);
		if (asked) asked.abort();
		list.hidden = true;
		at = -1;
		box.setAttribute("aria-expanded", "false");
		box.removeAttribute("aria-activedescendant");
	};
	const choose = (i) => {
		at = i;
		items.forEach((s, k) => list.children[k].setAttribute("aria-selected", k === at));
		if (at < 0) box.removeAttribute("aria-activedescendant");
		else {
			box.setAttribute("aria-activedescendant", "suggest-" + at);
			list.children[at].scrollIntoView({ block: "nearest" });
		}
		box.value = at < 0 ? typed : items[at].text;
	};
	const take = (i) => {
		const s = items[i];
		box.value = s.text;
		close();
		if (s.kind === "title" && s.id)
			location.assign(box.dataset.suggest.replace(/suggest$/, "doc?id=") + encodeURIComponent(s.id));
		else box.form.requestSubmit();
	};
	const show = (found) => {
		items = found;
		at = -1;
		list.replaceChildren(...items.map((s, i) => {
			const row = make("li", { id: "suggest-" + i, role: "option", "aria-selected": "false" });
			row.append(make("span", {}, s.text));
			if (s.documents) row.append(make("span", { class: "k" }, s.documents.toLocaleString(document.documentElement.lang)));
			row.addEventListener("mousedown", (e) => { e.preventDefault(); take(i); });
			return row;
		}));
		list.hidden = !items.length;
		box.setAttribute("aria-expanded", String(items.length > 0));
		said.textContent = items.length ? box.dataset.count.replace("{0}", items.length) : box.dataset.none;
	};
	const ask = async () => {
		if (asked) asked.abort();
		asked = new AbortController();
		try {
			const answer = await fetch(box.dataset.suggest + "?q=" + encodeURIComponent(typed), { signal: asked.signal, headers: { Accept: "application/json" } });
			if (!answer.ok) return close();
			const found = (await answer.json()).suggestions || [];
			if (document.activeElement === box) show(found.slice(0, 8));
		} catch (e) {
			if (e.name !== "AbortError") close();
		}
	};

	box.addEventListener("input", () => {
		typed = box.value;
		clearTimeout(timer);
		if (typed.trim().length < 2) return close();
		timer = setTimeout(ask, 120);
	});
	box.addEventListener("keydown", (e) => {
		if (e.isComposing) return;
		if (e.key === "Escape" && !list.hidden) {
			e.preventDefault();
			box.value = typed;
			close();
		} else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && !list.hidden) {
			e.preventDefault();
			const n = items.length + 1, step = e.key === "ArrowDown" ? 1 : -1;
			choose((at + 1 + step + n) % n - 1);
		} else if (e.key === "Enter" && !list.hidden && at >= 0) {
			e.preventDefault();
			take(at);
		} else if (e.key === "Tab") close();
	});
	box.addEventListener("blur", close);
}
if (box) combobox();

// ---- matches of a document --------------------------------------------------------------------

const marks = [...document.querySelectorAll(".text mark[id]")];
const steps = $(".steps");
let now = -1;

function goTo(i) {
	if (!marks.length) return;
	if (now >= 0) marks[now].classList.remove("now");
	now = (i + marks.length) % marks.length;
	marks[now].classList.add("now");
	marks[now].scrollIntoView({ block: "center" });
	steps.querySelector("output").textContent = marks[now].id.slice(1) + " / " + steps.dataset.total;
}
// Where the address leads to: a mark, or the one behind the anchor `at`.
function goToHash() {
	const e = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
	const i = e ? marks.indexOf(e.id === "at" ? e.nextElementSibling : e) : -1;
	if (i >= 0) goTo(i);
}
if (steps && marks.length) {
	steps.hidden = false;
	steps.addEventListener("click", (e) => {
		const by = Number(e.target.dataset.step);
		if (by) goTo(now < 0 && by < 0 ? -1 : now + by);
	});
	addEventListener("hashchange", goToHash);
	goToHash();
}

// ---- keys ---------------------------------------------------------------------------------------

document.addEventListener("keydown", (e) => {
	if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.target.closest("input, select, textarea, [contenteditable]")) return;
	if (e.key === "/" && box) {
		e.preventDefault();
		box.focus();
		box.select();
	} else if (steps && e.key === "n") goTo(now + 1);
	else if (steps && e.key === "p") goTo(now < 0 ? -1 : now - 1);
});

// ---- copying --------------------------------------------------------------------------------------

for (const pre of document.querySelectorAll("pre[data-copy]")) {
	const button = make("button", { type: "button" }, pre.dataset.copy);
	const said = make("span", { class: "unseen", role: "status" });
	button.addEventListener("click", async () => {
		try {
			await navigator.clipboard.writeText(pre.textContent);
		} catch (e) { // not allowed, or not a safe connection: select it for the person to copy
			getSelection().selectAllChildren(pre);
			return;
		}
		button.textContent = said.textContent = pre.dataset.copied;
		setTimeout(() => { button.textContent = pre.dataset.copy; }, 2000);
	});
	pre.after(button, said);
}

// Contents are long on a small screen.
if (matchMedia("(max-width: 60rem)").matches) for (const d of document.querySelectorAll("details.outline")) d.open = false;
})();
