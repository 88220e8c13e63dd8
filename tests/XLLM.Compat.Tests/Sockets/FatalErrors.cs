using Orleans.Runtime;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>Notes the end that a silo would make of its process.</summary>
internal sealed class FatalErrors : IFatalErrorHandler
{
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> First => _first.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null) =>
        _first.TrySetResult(context ?? "");
}
