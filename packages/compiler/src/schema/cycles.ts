/** Strongly connected components of a graph, without recursion, so that a long chain cannot exhaust the stack. */

/**
 * The components in such an order that every edge leads into the same or an
 * earlier component (Tarjan 1972). `successors` is asked once for each node.
 */
export function components<Node extends object>(
  nodes: Iterable<Node>,
  successors: (node: Node) => readonly Node[],
): readonly (readonly Node[])[] {
  interface Visit {
    readonly node: Node;
    readonly successors: readonly Node[];
    next: number;
    readonly index: number;
    low: number;
    open: boolean;
  }
  const visits = new Map<Node, Visit>();
  const open: Visit[] = [];
  const result: Node[][] = [];

  const enter = (node: Node): Visit => {
    const index = visits.size;
    const visit = { node, successors: successors(node), next: 0, index, low: index, open: true };
    visits.set(node, visit);
    open.push(visit);
    return visit;
  };

  for (const start of nodes) {
    if (visits.has(start)) continue;
    const path = [enter(start)];
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const successor = visit.successors[visit.next++];
      if (successor !== undefined) {
        const seen = visits.get(successor);
        if (seen === undefined) path.push(enter(successor));
        else if (seen.open) visit.low = Math.min(visit.low, seen.index);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
      if (visit.low !== visit.index) continue;
      const component: Node[] = [];
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        member.open = false;
        component.push(member.node);
        if (member === visit) break;
      }
      result.push(component);
    }
  }
  return result;
}

/**
 * The cycles of a graph, one for each component that has any: a shortest one
 * through the component's first node, by the order of `nodes`. A cycle lists
 * each of its nodes once, that first node in front.
 */
export function cyclesOf<Node extends object>(
  nodes: readonly Node[],
  successors: (node: Node) => readonly Node[],
): readonly (readonly Node[])[] {
  const position = new Map(nodes.map((node, index) => [node, index]));
  return components(nodes, successors).flatMap((component) => {
    const [first] = [...component].sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0));
    if (first === undefined) return [];
    // A cycle never leaves its component, so the search need not either.
    const members = new Set(component);
    const cycle = shortestCycle(first, (node) =>
      successors(node).filter((successor) => members.has(successor)),
    );
    return cycle.length === 0 ? [] : [cycle];
  });
}

/** Empty when there is no way back to the start. */
function shortestCycle<Node extends object>(
  start: Node,
  successors: (node: Node) => readonly Node[],
): readonly Node[] {
  const cameFrom = new Map<Node, Node>();
  let frontier: Node[] = [start];
  while (frontier.length > 0) {
    const next: Node[] = [];
    for (const node of frontier) {
      for (const successor of successors(node)) {
        if (successor === start) {
          const path: Node[] = [];
          for (let step: Node | undefined = node; step !== undefined; step = cameFrom.get(step)) {
            path.unshift(step);
          }
          return path;
        }
        if (cameFrom.has(successor)) continue;
        cameFrom.set(successor, node);
        next.push(successor);
      }
    }
    frontier = next;
  }
  return [];
}
