using Microsoft.AspNetCore.Http;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Batches;
using XLLM.Gateway.Generation;

namespace XLLM.Gateway.Keys;

/// <summary>A request's use of its API key; a feature of the HTTP request.</summary>
internal sealed class KeyUse(KeyAccount account) : IDisposable
{
    private int _left;

    public string Name => account.Key.Name;

    /// <summary>The parameters of a request, with its key and the key's class of priority; requests of batches are offline work.</summary>
    public static GenerationParameters Apply(HttpContext context, GenerationParameters parameters) =>
        context.Features.Get<KeyUse>() is not { } use
            ? context.Features.Get<LineFeature>() is null ? parameters : parameters with { Priority = RequestPriority.Offline }
            : parameters with { Key = use, Priority = use.IsBatch ? RequestPriority.Offline : parameters.Priority };

    private bool IsBatch => account.Key.IsBatch;

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
