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
        _watch.End();
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
            Accept(done, i);
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
        SampleStep(done);
        _metrics.GraphsCounted(done.Graphs);
        double seconds = _time.GetElapsedTime(done.Started, done.Ended).TotalSeconds;
        _metrics.Step(done.Input.TokenCount, done.Input.SequenceCount, seconds);
        _metrics.Sampled(_time.GetElapsedTime(done.Ended, done.Sampled).TotalSeconds);

        // To speculation all between two runs of the model is gap, the drawing of tokens too.
        double gap = 0;
        if (_lastEnded != 0)
        {
            gap = _time.GetElapsedTime(_lastEnded, done.Started).TotalSeconds;
            _metrics.StepGap(_time.GetElapsedTime(_lastSampled, done.Started).TotalSeconds);
        }

        _speculator?.StepRan(done.Input.TokenCount, seconds, gap, done.WasQueued);
        (_lastEnded, _lastSampled) = (done.Ended, done.Sampled);
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
            EngineRequest request = (EngineRequest)part.Sequence;
            if (!isMine)
            {
                LetGoUncomputed(request);
                continue;
            }

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
                Accept(alone, 0);
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
    private void Accept(StepFrame frame, int index)
    {
        StepPart part = frame.Parts[index];
        ref PartResult result = ref frame.Results[index];
        EngineRequest request = (EngineRequest)part.Sequence;
        if (request.IsFinished)
        {
            return;
        }

        switch (result.Verdict)
        {
            case PartVerdict.Dropped:
                _planner.Abandon(request);
                LetGoUncomputed(request);
                EndDraft(request, part);
                return;
            case PartVerdict.NotFinite when result.Accepted == 0:
                string values = request.Pool is null ? "logits" : "hidden states";
                End(request, RequestOutcome.EngineFailed, error: $"The model gave {values} that are not finite numbers.");
                return;
        }

        // A draw that is put off needs its row again: the token before it counts as not computed.
        bool isKept = BatchPlanner.IsKept(part);
        bool isLate = result.Verdict == PartVerdict.Late;
        if (isKept)
        {
            int computed = part.Tokens - part.Draft - (isLate && result.Accepted == 0 ? 1 : 0);
            CountPrompt(request, computed);
            _planner.Complete(request, computed);
            OfferFork(request);
        }
        else
        {
            _planner.Abandon(request);
        }

        TellComputed(request);
        // Not by the pool itself: the next step may be filling it now.
        if (result.Verdict == PartVerdict.Pooled)
        {
            _metrics.Pooled();
            End(request, RequestOutcome.CompletedStop);
            return;
        }

        if (part.Draft > 0)
        {
            AcceptDraft(request, part, frame.Accepted(result)[..result.Accepted], isKept, isLate);
        }

        if (part.Samples)
        {
            AcceptDrawn(request, result);
        }

        EndDraft(request, part);
        request.WantsDraft = !request.IsFinished && !isLate && part.Samples
            && _speculator?.Wants(request, _planner.Running.Count) == true;
    }

    private void AcceptDrawn(EngineRequest request, in PartResult result)
    {
        switch (result.Verdict)
        {
            case PartVerdict.NotFinite:
                End(request, RequestOutcome.EngineFailed, error: "The model gave logits that are not finite numbers.");
                return;
            case PartVerdict.Late:
                request.Guide!.CountLate();
                AwaitGuide(request);
                return;
            case PartVerdict.Complete:
                End(request, RequestOutcome.CompletedStop);
                return;
            case PartVerdict.Refused:
                Refuse(request);
                return;
            default:
                AcceptToken(request, result.Token, result.Verdict == PartVerdict.Stopped, result.Verdict == PartVerdict.Closed);
                return;
        }
    }

    private void EndDraft(EngineRequest request, StepPart part)
    {
        if (part.Draft > 0 && request.Stage == SequenceStage.Running)
        {
            _planner.EndDraft(request);
        }
    }

    /// <summary>Guesses that came true, each as a token of a step of its own: none of them ends the request.</summary>
    private void AcceptDraft(
        EngineRequest request, StepPart part, ReadOnlySpan<GeneratedToken> accepted, bool isKept, bool isLate)
    {
        for (int i = 0; i < accepted.Length; i++)
        {
            AcceptToken(request, accepted[i], stops: false, closes: false);
            if (isKept && !(isLate && i == accepted.Length - 1))
            {
                _planner.Complete(request, 1);
            }
        }

        _speculator!.Verified(request, part.Draft, accepted.Length);
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

    private void AcceptToken(EngineRequest request, GeneratedToken token, bool stops, bool closes)
    {
        double before = request.LastTokenSeconds;
        request.LastTokenSeconds = request.SecondsSinceArrival(_time.GetUtcNow());
        if (request.Accepted == 0)
        {
            request.FirstTokenSeconds = request.LastTokenSeconds;
            SampleFirst(request);
        }
        else
        {
            SampleNext(request.LastTokenSeconds - before);
        }

        request.Accepted++;
        _numbers.GeneratedTokens++;
        _metrics.TokenGenerated();
        if (stops)
        {
            End(request, RequestOutcome.CompletedStop, stopToken: token.Id);
            return;
        }

        bool isLast = IsLast(request, 1);
        request.Append(token.Id);
        if (isLast || closes)
        {
            End(request, closes ? RequestOutcome.CompletedStop : RequestOutcome.CompletedLength, token);
        }
        else
        {
            _chunks.AddToken(request, token);
        }
    }
}
