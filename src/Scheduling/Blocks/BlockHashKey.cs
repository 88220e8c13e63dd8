namespace XLLM.Scheduling.Blocks;

/// <summary>
/// Key of the block hashes of one cluster. An unguessable one keeps a client from making prompts whose hashes collide with
/// somebody else's; gateways and engines must have the same, else prefixes are not found.
/// </summary>
public sealed record BlockHashKey(ulong Seed);
