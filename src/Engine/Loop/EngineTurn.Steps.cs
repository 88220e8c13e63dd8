using XLLM.Scheduling.Batching;

namespace XLLM.Engine.Loop;

/// <summary>From a plan to a running step.</summary>
internal sealed partial class EngineTurn
{
    /// <summary>Plans and launches a step while nothing runs; false when there is nothing to compute.</summary>
    private bool TryLaunch()
    {
        if (_outputs.IsFull || !TryBuild(null, out StepFrame frame))
        {
            _lastEnded = 0;
            return false;
        }

        frame.Settle();
        Begin(frame);
        if (_device is not null)
        {
            _device.Launch(frame);
        }
        else
        {
            _executor.Run(frame);
            frame.IsDone = true;
        }

        return true;
    }

    /// <summary>Plans the step after the running one, if its outcome can be foreseen and the reader keeps up.</summary>
    private void TryQueue(StepFrame running)
    {
        // Two outputs may be on their way before this step's own: that of the running step, and that of the one before it.
        int unwritten = _chunks.IsEmpty ? 1 : 2;
        if (_device is not null && _queued is null && !running.IsDone && running.IsPredictable && _outputs.Room > unwritten
            && !WantsDrafts() && TryBuild(running, out StepFrame frame))
        {
            if (_device.TryQueue(frame))
            {
                _queued = frame;
            }
            else
            {
                _memory.TakeBack(frame.Memory);
            }
        }
    }

    /// <summary>Takes back what is planned ahead, unless it is being launched already.</summary>
    private void Unqueue()
    {
        if (_queued is not null && _device!.TryUnqueue())
        {
            _memory.TakeBack(_queued.Memory);
            _queued = null;
        }
    }

    private bool TryBuild(StepFrame? before, out StepFrame frame)
    {
        frame = _frames[_nextFrame];
        long forks;
        do
        {
            // A sample that took its prompt over has its first token now, and can be planned.
            forks = _planner.Forks;
            _planner.Plan(_plan, _time.GetUtcNow());
            Report(_plan.Decisions);
            if (_plan.Parts.Count > 0)
            {
                if (before is null)
                {
                    _speculator?.AddDrafts(_plan, _planner);
                }

                frame.Build(_plan.Parts, 0, _plan.Parts.Count, before);
                frame.Ticket = ++_tickets;
                if (_memory.OwesCopies)
                {
                    RaiseFences(frame.Ticket);
                }

                _memory.Hand(_plan, frame.Memory);
                return true;
            }

            _memory.Carry(_plan);
        }
        while (_planner.Forks > forks);

        return false;
    }

    /// <summary>The frame's step runs from now on: the next plan counts on what it computes.</summary>
    private void Begin(StepFrame frame)
    {
        _running = frame;
        _nextFrame = (_nextFrame + 1) % _frames.Length;
        for (int i = 0; i < frame.Count; i++)
        {
            StepPart part = frame.Parts[i];
            if (frame.Results[i].Verdict != PartVerdict.Dropped)
            {
                EngineRequest request = (EngineRequest)part.Sequence;
                request.RunningPart = i;
                _planner.Begin(part, part.Samples && !IsLast(request, 1));
                WatchPrefill(request, frame, part);
            }
        }
    }

    // Drafts need all tokens: while one would pay, no step is planned before the one before it is known.
    private bool WantsDrafts()
    {
        for (int i = 0; _speculator is not null && i < _planner.Running.Count; i++)
        {
            if (_planner.Running[i] is EngineRequest { WantsDraft: true, Paused: false })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The request ends with so many more tokens, whatever they are.</summary>
    private bool IsLast(EngineRequest request, int tokens) =>
        request.Generated + tokens >= request.Request.Stop.MaxTokens
        || request.Count + tokens >= _descriptor.Model.ContextLength;

    private void Report(IReadOnlyList<BatchDecision> decisions)
    {
        for (int i = 0; i < decisions.Count; i++)
        {
            (BatchDecisionKind kind, Sequence sequence, int amount) = decisions[i];
            EngineRequest request = (EngineRequest)sequence;
            string id = request.Request.Id.Value;
            switch (kind)
            {
                case BatchDecisionKind.Admitted:
                    Admitted(request, amount);
                    break;
                case BatchDecisionKind.Forked:
                    Admitted(request, amount);
                    Forked(request);
                    break;
                case BatchDecisionKind.Preempted:
                    LogPreempted(_logger, id, amount, request.Count);
                    _metrics.Preempted();
                    break;
                case BatchDecisionKind.Expired:
                    double waited = request.SecondsSinceArrival(_time.GetUtcNow());
                    End(request, Contracts.Requests.RequestOutcome.ExpiredInQueue,
                        error: $"The request waited {waited:0.###} s, past its deadline.");
                    break;
            }
        }
    }

    private void Admitted(EngineRequest request, int computed)
    {
        LogAdmitted(_logger, request.Request.Id.Value, request.Count, computed);
        if (double.IsNaN(request.QueueSeconds))
        {
            request.QueueSeconds = request.SecondsSinceArrival(_time.GetUtcNow());
            request.FoundTokens = computed;
            _intake.LeaveQueue();
        }

        TellFound(request);
    }
}
