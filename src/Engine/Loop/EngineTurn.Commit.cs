using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>
/// Takes over what a step computed, usually while the next one runs. A step that fails is tried again sequence by sequence, so
/// that only the guilty one fails.
/// </summary>
internal sealed partial class EngineTurn
{
    private void Finish(StepFrame done, Func<bool> stopping)
    {
        _running = null;
        if (stopping())
        {
            return;
        }

        if (done.Error is { } error)
        {
            Unqueue();
            Retry(done, error, stopping);
            Count(done);
            _lastEnded = 0;
            return;
        }

        for (int i = 0; i < done.Count; i++)
        {
            Accept(done.Parts[i], done.Results[i]);
        }

        _failures = 0;
        if (done.Successor is { } next)
        {
            _queued = null;
            Begin(next);
        }

        Count(done);
    }

    private void Count(StepFrame done)
    {
        // A step whose requests all ended before its launch was none.
        if (done.Input.SequenceCount == 0)
        {
            return;
        }

        _numbers.Steps++;
        _metrics.Step(done.Input.TokenCount, done.Input.SequenceCount, _time.GetElapsedTime(done.Started, done.Ended).TotalSeconds);
        if (_lastEnded != 0)
        {
            _metrics.StepGap(_time.GetElapsedTime(_lastEnded, done.Started).TotalSeconds);
        }

        _lastEnded = done.Ended;
        LogStep(_logger, _numbers.Steps, done.Input.SequenceCount, done.Input.TokenCount, done.Input.OutputCount, _pool.Available);
    }

    private void Retry(StepFrame failed, Exception error, Func<bool> stopping)
    {
        LogStepFailed(_logger, error, failed.Input.SequenceCount, failed.Input.TokenCount);
        _metrics.StepFailed();
        bool anyWorked = false;
        StepFrame alone = _frames[_nextFrame];
        for (int i = 0; i < failed.Count && !stopping(); i++)
        {
            StepPart part = failed.Parts[i];
            bool isMine = failed.Results[i].Verdict != PartVerdict.Dropped && BatchPlanner.IsKept(part);
            _planner.Abandon(part.Sequence);
            if (!isMine)
            {
                continue;
            }

            EngineRequest request = (EngineRequest)part.Sequence;
            Exception? own = error;
            if (failed.Input.SequenceCount > 1)
            {
                alone.Build([part], 0, 1, null);
                alone.Settle();
                _planner.Begin(part, awaits: false);
                _executor.Run(alone);
                own = alone.Error;
            }

            if (own is null)
            {
                anyWorked = true;
                Accept(alone.Parts[0], alone.Results[0]);
            }
            else if (!stopping())
            {
                LogRequestFailed(_logger, own, request.Request.Id.Value);
                End(request, RequestOutcome.EngineFailed, error: "The engine failed while computing this request.");
            }
        }

        _failures = anyWorked ? 0 : _failures + 1;
        if (_failures >= _options.FailuresToFault)
        {
            Fault = $"{_failures} steps in a row failed";
        }
    }

    /// <summary>Takes over what a part computed: KV and token. A pre-empted sequence has lost the KV, not the token.</summary>
    private void Accept(StepPart part, in PartResult result)
    {
        EngineRequest request = (EngineRequest)part.Sequence;
        if (request.IsFinished)
        {
            return;
        }

        switch (result.Verdict)
        {
            case PartVerdict.Dropped:
                _planner.Abandon(request);
                return;
            case PartVerdict.NotFinite:
                End(request, RequestOutcome.EngineFailed, error: "The model gave logits that are not finite numbers.");
                return;
        }

        if (BatchPlanner.IsKept(part))
        {
            CountPrompt(request, part.Tokens);
            _planner.Complete(request, part.Tokens);
            OfferFork(request);
        }
        else
        {
            _planner.Abandon(request);
        }

        if (part.Samples)
        {
            AcceptToken(request, result);
        }
    }

    private void CountPrompt(EngineRequest request, int tokens)
    {
        int promptTokens = Math.Max(0, Math.Min(request.Computed + tokens, request.PromptLength) - request.Computed);
        if (promptTokens > 0)
        {
            _numbers.PromptTokens += promptTokens;
            _metrics.PromptComputed(promptTokens);
        }
    }

    private void AcceptToken(EngineRequest request, in PartResult result)
    {
        request.LastTokenSeconds = request.SecondsSinceArrival(_time.GetUtcNow());
        if (request.Accepted == 0)
        {
            request.FirstTokenSeconds = request.LastTokenSeconds;
        }

        request.Accepted++;
        _numbers.GeneratedTokens++;
        _metrics.TokenGenerated();
        if (result.Verdict == PartVerdict.Stopped)
        {
            End(request, RequestOutcome.CompletedStop, stopToken: result.Token.Id);
            return;
        }

        bool isLast = IsLast(request, 1);
        request.Append(result.Token.Id);
        if (isLast)
        {
            End(request, RequestOutcome.CompletedLength, result.Token);
        }
        else
        {
            _chunks.AddToken(request, result.Token);
        }
    }
}
