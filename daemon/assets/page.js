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
		} else if (e.key === "ArrowDown" && box.value.trim().length > 1) {
			e.preventDefault();
			typed = box.value;
			ask();
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

function goTo(i, arrived) {
	if (now >= 0) marks[now].classList.remove("now");
	now = i;
	marks[now].classList.add("now");
	marks[now].scrollIntoView({ block: "center" });
	const put = (n) => Number(n).toLocaleString(document.documentElement.lang);
	steps.querySelector("output").textContent =
		steps.dataset.said.replace("{0}", put(marks[now].id.slice(1))).replace("{1}", put(steps.dataset.total));
	if (!arrived) history.replaceState(null, "", "#" + marks[now].id);
	cite(marks[now]);
}
// From the match that is shown, else from where the reader is; past the ends of this part into others.
function step(by) {
	let i = now + by;
	if (now < 0) {
		i = marks.findIndex((m) => m.getBoundingClientRect().top >= 0);
		if (i < 0) i = marks.length;
		if (by < 0) i--;
	}
	if (i >= 0 && i < marks.length) return goTo(i);
	const link = marks.length && marks.at(by < 0 ? 0 : -1).nextElementSibling;
	const on = link && link.matches(".step") && link.querySelector(by < 0 ? "[data-to='-1']" : "[data-to='1']");
	const to = on ? on.getAttribute("href") : marks.length ? (by < 0 ? steps.dataset.last : steps.dataset.first)
		: steps.querySelector(`[data-step="${by}"]`).getAttribute("href");
	const k = to[0] === "#" ? marks.findIndex((m) => "#" + m.id === to) : -1;
	if (k >= 0) goTo(k);
	else location.assign(to);
}
// Where the address leads to: a mark, or the one behind the anchor `at`.
function goToHash() {
	const e = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
	const i = e ? marks.indexOf(e.id === "at" ? e.nextElementSibling : e) : -1;
	if (i >= 0 && i !== now) goTo(i, true);
}

// ---- the citation of the match that is shown -----------------------------------------------------

const tex = (s) => s.replace(/\\/g, "\0").replace(/[{}]/g, " ").replace(/[&%$#_]/g, "\\$&").replace(/[~^]/g, "\\$& ").replace(/\0/g, "\\textbackslash ");

function cite(mark) {
	const box = $(".cite");
	if (!box) return;
	let section = "", number = $(".text").dataset.page || "";
	for (let s = mark.closest("section"); s && !section; s = s.parentElement.closest("section")) {
		const title = s.querySelector(":scope > :is(h2, h3, h4, h5, h6)");
		section = s.getAttribute("aria-label") || (title ? title.textContent.trim() : "");
	}
	for (const p of document.querySelectorAll(".text .page"))
		if (p.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING) number = p.getAttribute("aria-label");
	const texts = {
		place: (section && ", " + section) + (number && ", " + box.dataset.page.replace("{0}", number)),
		tex: (section && ",\n  chapter = {" + tex(section) + "}") + (number && ",\n  pages = {" + tex(number) + "}"),
		at: "&at=" + mark.dataset.at + "#at",
		page: /^[0-9]+$/.test(number) ? "#page=" + number : "",
	};
	for (const e of box.querySelectorAll("[data-cite]")) e.textContent = texts[e.dataset.cite];
}

if (steps) {
	steps.addEventListener("click", (e) => {
		const by = Number(e.target.dataset.step);
		if (!by || e.ctrlKey || e.metaKey || e.shiftKey) return;
		e.preventDefault();
		step(by);
	});
	addEventListener("hashchange", goToHash);
	goToHash();
}

// The list one came from is as one left it.
const back = $(".back a");
if (back && document.referrer && back.href === document.referrer.split("#")[0] && history.length > 1)
	back.addEventListener("click", (e) => {
		if (e.ctrlKey || e.metaKey || e.shiftKey) return;
		e.preventDefault();
		history.back();
	});

// ---- keys: of one sign each, so they can be turned off (on the page of help) -----------------------

const kept = (() => { try { return localStorage; } catch (e) { return {}; } })();
document.addEventListener("keydown", (e) => {
	if (kept.keys === "off" || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.target.closest("input, select, textarea, [contenteditable]")) return;
	if (e.key === "/" && box) {
		e.preventDefault();
		box.focus();
		box.select();
	} else if (steps && e.key === "n") step(1);
	else if (steps && e.key === "p") step(-1);
});
const keys = $("[data-keys]");
if (keys) {
	const label = make("label"), check = make("input", { type: "checkbox" });
	check.checked = kept.keys !== "off";
	check.addEventListener("change", () => { kept.keys = check.checked ? "on" : "off"; });
	label.append(check, " " + keys.dataset.keys);
	keys.append(label);
}

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
const outline = $("details.outline");
if (outline && matchMedia("(max-width: 60rem)").matches) outline.open = false;

// The section one reads is marked in the contents.
const rows = new Map([...document.querySelectorAll(".outline a[href^='#']")].map((a) => [a.hash.slice(1), a]));
if (rows.size) {
	const tops = [...rows.keys()].map((id) => document.getElementById(id)).filter(Boolean);
	let current = null, waiting = 0;
	const follow = () => {
		waiting = 0;
		let here = null;
		for (const e of tops) if (e.getBoundingClientRect().top < innerHeight / 3) here = e;
		const row = here && rows.get(here.id);
		if (row === current) return;
		if (current) current.removeAttribute("aria-current");
		current = row;
		if (!row) return;
		row.setAttribute("aria-current", "location");
		const list = row.closest("ol"), at = row.getBoundingClientRect().top - list.getBoundingClientRect().top;
		if (at < 0 || at > list.clientHeight - 30) list.scrollTop += at - list.clientHeight / 3;
	};
	addEventListener("scroll", () => { waiting ||= requestAnimationFrame(follow); }, { passive: true });
	follow();
}
})();
