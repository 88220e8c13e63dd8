using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>The engine's thread.</summary>
public sealed partial class EngineLoop
{
    private long _auditedSteps;
    private bool _auditsDue;

    private void Run()
    {
        LogStarted(_logger, Descriptor.Id.Value, Descriptor.Device, Descriptor.TotalBlocks, Descriptor.BlockTokens);
        using ITimer timer = _time.CreateTimer(_ => _wake.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            Work(timer);
            Shut(RequestOutcome.InstanceLost, "The instance stops.");
        }
        catch (Exception error)
        {
            LogBroken(_logger, error, Descriptor.Id.Value);
            _counters.Fault = "the engine's thread failed";
            Shut(RequestOutcome.EngineFailed, "The engine failed.");
        }
        finally
        {
            _turn.Dispose();
            _outputs.Complete();
            EndAudits();
            LogStopped(_logger, Descriptor.Id.Value, _turn.Steps);
        }
    }

    private void Work(ITimer timer)
    {
        Func<bool> stopping = () => _stopping;
        while (!_stopping)
        {
            bool changed = TakeCommands();
            _turn.AnswerFenced(isClosed: false);
            bool worked = _counters.Fault is null && _turn.Advance(changed, stopping);
            if (_turn.Fault is not null && _counters.Fault is null)
            {
                GiveUp(_turn.Fault);
            }

            // A step's chunks have a place; what ends requests outside of steps waits for one.
            if (worked || !_outputs.IsFull)
            {
                _turn.Flush();
            }

            _turn.AnswerFenced(isClosed: false);
            Publish();
            if (!worked && !_stopping)
            {
                AuditWhenIdle();
                Sleep(timer);
            }
        }
    }

    /// <summary>True when requests came or were changed.</summary>
    private bool TakeCommands()
    {
        bool changed = false;
        while (_commands.Reader.TryRead(out EngineCommand command))
        {
            changed |= command.Kind != EngineCommandKind.Audit;
            switch (command.Kind)
            {
                case EngineCommandKind.Start:
                    Interlocked.Add(ref _unseenTokens, -command.Request!.Count);
                    _turn.Start(command.Request);
                    break;
                case EngineCommandKind.Wish:
                    command.Request!.Arrived();
                    _turn.Wish(command.Request);
                    break;
                case EngineCommandKind.Audit:
                    _auditsDue = true;
                    break;
            }
        }

        _store?.Serve(_turn);
        return changed;
    }

    private void Sleep(ITimer timer)
    {
        if (_counters.Fault is null && !_turn.IsRunning && _turn.NextDeadline() is { } deadline)
        {
            TimeSpan wait = deadline - _time.GetUtcNow();
            timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        _wake.WaitOne();
    }

    private void Publish()
    {
        _counters.Publish(_turn.Numbers(), _turn.SpecAccepted);
        if (_turn.Events.Count > 0)
        {
            lock (_eventLock)
            {
                _turn.Events.MoveTo(_events);
            }
        }

        if (_auditsDue)
        {
            _auditsDue = false;
            Answer(_turn.CheckIntegrity());
        }
    }

    private void AuditWhenIdle()
    {
        if (_turn.IsRunning || _intake.Alive > 0 || _auditedSteps == _turn.Steps || _counters.Fault is not null)
        {
            return;
        }

        _auditedSteps = _turn.Steps;
        IReadOnlyList<string> faults = _turn.CheckIntegrity();
        if (faults.Count > 0)
        {
            LogUnsound(_logger, Descriptor.Id.Value, string.Join("; ", faults));
            GiveUp($"integrity: {faults[0]}");
        }
    }

    private void GiveUp(string fault)
    {
        LogFault(_logger, Descriptor.Id.Value, fault);
        _counters.Fault = fault;
        _intake.Shut("it failed: " + fault);
        TakeCommands();
        _turn.EndAll(RequestOutcome.EngineFailed, "The engine failed.");
    }

    private void Shut(RequestOutcome outcome, string error)
    {
        _intake.Shut("it stops");
        _turn.Dispose();
        TakeCommands();
        _turn.EndAll(outcome, error);
        _store?.Close(_turn);
        Publish();
    }

    private void Answer(IReadOnlyList<string> faults)
    {
        List<TaskCompletionSource<IReadOnlyList<string>>> auditors;
        lock (_auditLock)
        {
            auditors = _auditors;
            _auditors = [];
        }

        foreach (TaskCompletionSource<IReadOnlyList<string>> auditor in auditors)
        {
            auditor.SetResult(faults);
        }
    }

    private void EndAudits()
    {
        lock (_auditLock)
        {
            _ended.SetResult();
        }

        Answer(_turn.CheckIntegrity());
    }
}
