namespace XLLM.Cli.Hub;

/// <summary>
/// One file of a repository. <c>Hash</c> is the SHA-256 of its content for large files, else the SHA-1 git gives the blob; it
/// names the file in the cache.
/// </summary>
public sealed record HubFile(string Name, long Size, string Hash, bool IsSha256);
