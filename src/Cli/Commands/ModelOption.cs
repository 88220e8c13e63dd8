using System.CommandLine;
using XLLM.Cli.Hub;
using XLLM.Cli.Models;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Commands;

/// <summary>The option <c>--model</c>, and what it names.</summary>
internal static class ModelOption
{
    public static Option<string?> Create() => new("--model", "-m")
    {
        Description = "GGUF file, Hugging Face folder or hub name (owner/name[@revision][:part of a GGUF file's name]), or a name of "
            + "'xllm models list'; without it the bundled demo model",
        HelpName = "NAME|PATH",
    };

    /// <summary>Name in the API and path; downloads with a progress bar when it is a hub name.</summary>
    public static async Task<(string Name, string Path)> FindAsync(string? model, CancellationToken cancellationToken)
    {
        ProgressLine line = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
        bool offline = Environment.GetEnvironmentVariable("HF_HUB_OFFLINE") is "1" or "true";
        ModelLocator locator = new(
            (reference, cancel) => HubClient.FromEnvironment().GetAsync(reference, offline, new Relay(line), cancel),
            ModelFolder.FromEnvironment());
        return await locator.FindAsync(model, cancellationToken);
    }

    /// <summary>The same for a hub name alone: a path is refused.</summary>
    public static Task<(string Name, string Path)> PullAsync(string reference, CancellationToken cancellationToken) =>
        HubReference.TryParse(reference) is not null
            ? FindAsync(reference, cancellationToken)
            : throw new ArgumentException($"'{reference}' is no hub name such as Qwen/Qwen3-0.6B or owner/name:Q4_K_M, and no address.");

    // Not System.Progress: it posts to the pool, and reports could overtake each other.
    internal sealed class Relay(ProgressLine line) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => line.Report(value.File, value.Done, value.Total);
    }
}
