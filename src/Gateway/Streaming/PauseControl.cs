using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;
using XLLM.Gateway.Backend;

namespace XLLM.Gateway.Streaming;

/// <summary>
/// Tells the house whether a request shall pause. At most one call is under way at a time, so that a pause and the resume
/// that follows it cannot overtake each other. Any thread.
/// </summary>
internal sealed class PauseControl(IRequestBackend backend, RequestId request, ILogger logger)
{
    private readonly Lock _lock = new();
    private bool _wanted;
    private bool _told;
    private bool _calling;
    private bool _closed;

    /// <summary>Sets what is wanted; the house is told when that changed.</summary>
    public void Want(bool paused)
    {
        // Cheap way out of the usual case, per token.
        if (Volatile.Read(ref _wanted) == paused)
        {
            return;
        }

        lock (_lock)
        {
            _wanted = paused;
            if (_calling || _closed || _wanted == _told)
            {
                return;
            }

            _calling = true;
        }

        _ = TellAsync();
    }

    /// <summary>The request is over: nothing more is told.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }
    }

    private async Task TellAsync()
    {
        while (true)
        {
            bool paused;
            lock (_lock)
            {
                if (_closed || _wanted == _told)
                {
                    _calling = false;
                    return;
                }

                paused = _wanted;
            }

            try
            {
                await backend.SetPausedAsync(request, paused);
            }
            catch (Exception exception)
            {
                logger.PauseFailed(request, paused, exception);
            }

            lock (_lock)
            {
                _told = paused;
            }
        }
    }
}
