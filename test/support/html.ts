import { type DefaultTreeAdapterTypes, parse } from 'parse5';

export interface Elements {
  /** Every element's name, in order; `html`, `head` and `body` are always there. */
  names: string[];
  attributes: { element: string; name: string; value: string }[];
  comments: string[];
  text: string;
  /** Of every row: which table it is in, and how many cells it has. */
  rows: { table: number; cells: number }[];
  /** What the parser had to mend. */
  faults: string[];
}

/** What a browser makes of a page. */
export function elementsOf(html: string): Elements {
  const found: Elements = { names: [], attributes: [], comments: [], text: '', rows: [], faults: [] };
  let tables = -1;
  const walk = (node: DefaultTreeAdapterTypes.Node): void => {
    if (node.nodeName === '#text') found.text += (node as DefaultTreeAdapterTypes.TextNode).value;
    if (node.nodeName === '#comment') found.comments.push((node as DefaultTreeAdapterTypes.CommentNode).data);
    if ('tagName' in node) {
      found.names.push(node.tagName);
      for (const { name, value } of node.attrs) found.attributes.push({ element: node.tagName, name, value });
      if (node.tagName === 'table') tables += 1;
      if (node.tagName === 'tr') {
        const cells = node.childNodes.filter(({ nodeName }) => nodeName === 'td' || nodeName === 'th').length;
        found.rows.push({ table: tables, cells });
      }
    }
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
  };
  walk(parse(html, { onParseError: ({ code }) => found.faults.push(code) }));
  return found;
}
