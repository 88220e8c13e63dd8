using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>Chunks of the step under way; written out as one element. Engine's thread.</summary>
internal sealed class ChunkList(OutputQueue outputs)
{
    private StepOutput _output = outputs.Rent();

    public bool IsEmpty => _output.IsEmpty;

    /// <summary>A token of the request; those of one step are one chunk.</summary>
    public void AddToken(EngineRequest request, GeneratedToken token)
    {
        int index = request.Emitted++;
        if (request.ScoredTokens is null)
        {
            _output.Add(request.Request.Id, request.Request.Run, index, token);
            return;
        }

        _output.Add(new TokenChunk
        {
            Request = request.Request.Id,
            Run = request.Request.Run,
            FirstIndex = index,
            Tokens = [token],
            Prompt = TakePrompt(request),
        });
    }

    /// <summary>The last chunk of a request, with its last token where there is one.</summary>
    public void AddEnd(
        EngineRequest request, RequestOutcome outcome, GeneratedToken? token = null, int? stopToken = null, string? error = null)
    {
        _output.Add(new TokenChunk
        {
            Request = request.Request.Id,
            Run = request.Request.Run,
            FirstIndex = request.Emitted,
            Tokens = token is { } last ? [last] : [],
            Prompt = TakePrompt(request),
            Outcome = outcome,
            Usage = request.Usage(),
            StopToken = stopToken,
            Error = error,
            Embedding = outcome == RequestOutcome.CompletedStop && request.Pool is { IsComplete: true } pool ? pool.Result() : [],
        });
    }

    /// <summary>Writes what there is as the output of this step; nothing when there is nothing.</summary>
    public void Flush(long step)
    {
        if (!_output.IsEmpty)
        {
            _output.Number(step);
            outputs.Write(_output);
            _output = outputs.Rent();
        }
    }

    private static ImmutableArray<GeneratedToken> TakePrompt(EngineRequest request)
    {
        if (request.ScoredTokens is not { } scored || request.ScoredPrompt < request.PromptLength - 1)
        {
            return [];
        }

        request.ScoredTokens = null;
        return ImmutableCollectionsMarshal.AsImmutableArray(scored);
    }
}
