using Microsoft.AspNetCore.Http;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Batches;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Timelines;

namespace XLLM.Gateway.Keys;

/// <summary>A request's use of its API key; a feature of the HTTP request.</summary>
internal sealed class KeyUse(KeyAccount account) : IDisposable
{
    private int _left;

    public string Name => account.Key.Name;

    /// <summary>
    /// The parameters of a request with how it came in, its key, no class of priority above the key's, and the record it is written to.
    /// Requests of batches are batch work.
    /// </summary>
    public static GenerationParameters Apply(HttpContext context, GenerationParameters parameters)
    {
        parameters = parameters with { Record = context.Features.Get<RequestRecord>(), Origin = context.Features.Get<RequestOrigin>() };
        if (context.Features.Get<LineFeature>() is not null)
        {
            return parameters with { Priority = RequestPriority.Offline };
        }

        return context.Features.Get<KeyUse>() is not { } use
            ? parameters
            : parameters with { Key = use, Priority = Lower(use.Priority, parameters.Priority) };
    }

    /// <summary>
    /// Whether who sent this may see what was sent with the key of that name: its own, everything with an admin's, or without keys.
    /// </summary>
    public static bool MaySee(HttpContext context, string owner) =>
        context.Features.Get<KeyUse>() is not { } use || use.IsAdmin || use.Name == owner;

    public bool IsAdmin => account.Key.IsAdmin;

    private RequestPriority Priority => account.Key.HighestPriority;

    private static RequestPriority Lower(RequestPriority one, RequestPriority other) => one > other ? one : other;

    /// <summary>Counts the tokens of a request that has ended, also after the HTTP request.</summary>
    public void Charge(int tokens) => account.Charge(tokens);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            account.Leave();
        }
    }
}
