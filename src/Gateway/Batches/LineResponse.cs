using Microsoft.AspNetCore.Http.Features;

namespace XLLM.Gateway.Batches;

/// <summary>The response of a request without a connection: runs what was registered for its end. One thread.</summary>
internal sealed class LineResponse : HttpResponseFeature
{
    private readonly List<(Func<object, Task> Callback, object State)> _completed = [];

    public override void OnCompleted(Func<object, Task> callback, object state) => _completed.Add((callback, state));

    /// <summary>The last one registered first, as a server does.</summary>
    public async Task CompleteAsync()
    {
        for (int i = _completed.Count - 1; i >= 0; i--)
        {
            await _completed[i].Callback(_completed[i].State);
        }
    }
}
