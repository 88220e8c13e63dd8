namespace XLLM.Cli.Hub;

/// <summary>How far a download is, in bytes.</summary>
public readonly record struct HubProgress(string File, long Done, long Total);
