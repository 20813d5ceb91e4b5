/** The elements of index.html, by id and type. */

export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} "${id}"`);
  return found;
}

/** Fills a list of choices, and keeps the choice when it is still there. */
export function setChoices(
  select: HTMLSelectElement,
  names: readonly string[],
  first?: string,
): void {
  const wanted = names.includes(select.value) ? select.value : first;
  select.replaceChildren(...names.map((name) => new Option(name)));
  if (wanted !== undefined && names.includes(wanted)) select.value = wanted;
}

export function button(text: string, onClick: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", onClick);
  return made;
}

export function listItem(child: Node | string): HTMLLIElement {
  const item = document.createElement("li");
  item.append(child);
  return item;
}
