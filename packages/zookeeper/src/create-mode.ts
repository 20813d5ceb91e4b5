/** What becomes of a new znode: the `flags` of a CreateRequest and a CreateTTLRequest, as Java's `CreateMode`. */

export const CreateMode = {
  PERSISTENT: 0,
  /** Ends with the session. */
  EPHEMERAL: 1,
  /** Gets ten digits appended to its name, which count the children of its parent. */
  PERSISTENT_SEQUENTIAL: 2,
  EPHEMERAL_SEQUENTIAL: 3,
  /** Deleted some time after its last child is gone. Needs op createContainer. */
  CONTAINER: 4,
  /** Deleted when it has had no child and no change for a while. Needs op createTTL. */
  PERSISTENT_WITH_TTL: 5,
  PERSISTENT_SEQUENTIAL_WITH_TTL: 6,
} as const;

export type CreateModeName = keyof typeof CreateMode;

/** Any create mode that ZooKeeper defines. */
export type CreateMode = (typeof CreateMode)[CreateModeName];

/** What a mode consists of. */
export interface CreateModeTraits {
  /** The znode ends with its session. */
  readonly ephemeral: boolean;
  /** The name gets a number appended. */
  readonly sequential: boolean;
  /** The znode is deleted some time after its last child is gone. */
  readonly container: boolean;
  /** The znode has a time to live. */
  readonly ttl: boolean;
}

/** Takes the flags of a request apart; undefined when they name no mode, which servers refuse with BADARGUMENTS. */
export function createModeTraits(flags: number): CreateModeTraits | undefined {
  return isCreateMode(flags) ? traits[flags] : undefined;
}

/** The mode with these traits, the others being absent; undefined for a combination that does not exist. */
export function createModeOf(wanted: Partial<CreateModeTraits>): CreateMode | undefined {
  return modes.find((mode) => {
    const { ephemeral, sequential, container, ttl } = traits[mode];
    return (
      ephemeral === (wanted.ephemeral ?? false) &&
      sequential === (wanted.sequential ?? false) &&
      container === (wanted.container ?? false) &&
      ttl === (wanted.ttl ?? false)
    );
  });
}

/** The name of a mode, or undefined when the flags name none. */
export function createModeName(flags: number): CreateModeName | undefined {
  const names = Object.keys(CreateMode) as CreateModeName[];
  return names.find((name) => CreateMode[name] === flags);
}

function isCreateMode(flags: number): flags is CreateMode {
  return flags in traits;
}

const plain: CreateModeTraits = {
  ephemeral: false,
  sequential: false,
  container: false,
  ttl: false,
};

const traits: Readonly<Record<CreateMode, CreateModeTraits>> = {
  [CreateMode.PERSISTENT]: plain,
  [CreateMode.EPHEMERAL]: { ...plain, ephemeral: true },
  [CreateMode.PERSISTENT_SEQUENTIAL]: { ...plain, sequential: true },
  [CreateMode.EPHEMERAL_SEQUENTIAL]: { ...plain, ephemeral: true, sequential: true },
  [CreateMode.CONTAINER]: { ...plain, container: true },
  [CreateMode.PERSISTENT_WITH_TTL]: { ...plain, ttl: true },
  [CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL]: { ...plain, sequential: true, ttl: true },
};

const modes: readonly CreateMode[] = Object.values(CreateMode);
