using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Backend;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Timelines;

namespace XLLM.Gateway.Streaming;

/// <summary>
/// The generations of one HTTP request, from submit to the last outcome. Submit once, then ask for deltas from one thread;
/// disposing ends what still runs. Every generation ends in exactly one outcome, counted once.
/// </summary>
internal sealed class GenerationSession : IAsyncDisposable
{
    // After a stop string the last chunk, with the usage, is at most one engine step away.
    private static readonly TimeSpan LastChunkTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstSubmitRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestSubmitRetry = TimeSpan.FromSeconds(1);

    private readonly IRequestBackend _backend;
    private readonly GatewayTokenHub _hub;
    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<SessionSignal> _signals;
    private readonly TokenBuffer[] _buffers;
    private readonly PauseControl[] _pauses;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _abort;
    private readonly CancellationToken _aborted;
    private int _open;
    private bool _submitted;
    private readonly long _began;
    private readonly bool _isRecorded;
    private long _progress;
    private long _handed;
    private bool _isHandedOut;
    private GenerationRecord? _reading;
    private TimeSpan? _armed;

    public GenerationSession(
        IRequestBackend backend,
        GatewayTokenHub hub,
        GatewayOptions options,
        TimeProvider time,
        ILogger logger,
        ImmutableArray<Choice> choices,
        CancellationToken aborted)
    {
        _backend = backend;
        _hub = hub;
        _options = options;
        _time = time;
        _began = _progress = time.GetTimestamp();
        _logger = logger;
        Choices = choices;
        _isRecorded = choices.Any(c => c.Metrics.Record is not null);
        _open = choices.Length;
        // The reader goes on where the hub hands it a chunk: it writes to its connection and waits again, which is shorter than
        // finding a thread for it.
        _signals = Channel.CreateUnbounded<SessionSignal>(
            new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
        _pauses = [.. choices.Select(c => new PauseControl(backend, c.Request.Id, logger))];
        _buffers = [.. choices.Select((c, i) => new TokenBuffer(
            c.Request.Id, i, _signals.Writer, _pauses[i], options.HighWaterTokens, options.LowWaterTokens))];
        _timer = time.CreateTimer(
            static state => ((GenerationSession)state!).Signal(SignalKind.TimedOut), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _aborted = aborted;
        _abort = aborted.UnsafeRegister(static state => ((GenerationSession)state!).Signal(SignalKind.Aborted), this);
    }

    public ImmutableArray<Choice> Choices { get; }

    /// <summary>Hands all generations to the house.</summary>
    /// <exception cref="ApiException">One was refused; the others are ended when the session is disposed.</exception>
    public async Task SubmitAsync()
    {
        foreach (TokenBuffer buffer in _buffers)
        {
            _hub.Register(buffer);
        }

        _submitted = true;
        SubmitResult[] results = await Task.WhenAll(Choices.Select(SubmitAsync));
        ApiError? refusal = null;
        for (int i = 0; i < results.Length; i++)
        {
            if (!results[i].Accepted)
            {
                Choices[i].Fail(results[i].Rejection);
                Choices[i].Close();
                refusal ??= OutcomeErrors.ToError(results[i].Rejection, results[i].Message, results[i].RetryAfter);
            }
        }

        if (refusal is not null)
        {
            throw new ApiException(refusal);
        }
    }

    /// <summary>The next choice with something new, without waiting; null = nothing now.</summary>
    public Choice? TryNext()
    {
        Returned();
        Choice? next = FindNext();
        HandOut(next);
        return next;
    }

    /// <summary>Waits for the next choice with something new; null = all are over.</summary>
    /// <exception cref="ApiException">A generation ended in an error.</exception>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Choice?> NextAsync()
    {
        // Time that a slow client took is not counted.
        _progress = _time.GetTimestamp();
        Returned();
        while (true)
        {
            if (FindNext() is { } choice)
            {
                HandOut(choice);
                return choice;
            }

            if (_open == 0)
            {
                return null;
            }

            Arm();
            await _signals.Reader.WaitToReadAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _abort.DisposeAsync();
        await _timer.DisposeAsync();
        for (int i = 0; i < Choices.Length; i++)
        {
            Choice choice = Choices[i];
            _pauses[i].Close();
            _hub.Unregister(choice.Request.Id);
            choice.Fail(RequestOutcome.Cancelled);
            choice.Metrics.OnEnd(choice.Outcome, choice.Request, choice.GeneratedTokens);
            if (_submitted && !choice.IsClosed)
            {
                EndInBackground(choice);
            }

            LogEnd(choice);
            if (_submitted && choice.Metrics.Record is { } record
                && (record.Runs is [.., { Run: > 0 }] || choice.Outcome == RequestOutcome.InstanceLost))
            {
                _ = FindStartsAsync(record);
            }
        }
    }

    private Choice? FindNext()
    {
        while (_open > 0 && _signals.Reader.TryRead(out SessionSignal signal))
        {
            if (Handle(signal) is { } choice)
            {
                return choice;
            }
        }

        return null;
    }

    // The reader has text to write from now on, and comes back for more.
    private void HandOut(Choice? choice)
    {
        if (_isRecorded)
        {
            _reading = choice?.Metrics.Record ?? _reading;
            _handed = _time.GetTimestamp();
            _isHandedOut = true;
        }
    }

    private void Returned()
    {
        if (_isHandedOut)
        {
            _reading?.OnAnswer(_time.GetElapsedTime(_handed));
            _isHandedOut = false;
        }
    }

    // A silo that has just gone may have known where grains are: such calls work again once it counts as dead.
    private async Task<SubmitResult> SubmitAsync(Choice choice)
    {
        long began = _time.GetTimestamp();
        GenerationRecord? record = choice.Metrics.Record;
        record?.Submitted();
        TimeSpan wait = FirstSubmitRetry;
        for (bool again = false; ; again = true)
        {
            try
            {
                SubmitResult result = await _backend.SubmitAsync(choice.Request);
                record?.Accepted(result);
                // Refused as a second one: an earlier try did arrive, and its tokens come all the same.
                return again && result.Rejection == RequestOutcome.RejectedInvalid ? new SubmitResult() : result;
            }
            catch (Exception exception)
                when (_time.GetElapsedTime(began) + wait < _options.SubmitPatience && !_aborted.IsCancellationRequested)
            {
                _logger.SubmitRetried(choice.Request.Id, wait, exception);
            }
            catch (Exception exception)
            {
                _logger.SubmitFailed(choice.Request.Id, exception);
                // Whether it arrived is not known; ending it does no harm.
                _ = EndAsync(choice, RequestOutcome.Cancelled);
                return SubmitResult.Reject(RequestOutcome.NoInstance, "");
            }

            await Task.Delay(wait, _time);
            wait = wait + wait < LongestSubmitRetry ? wait + wait : LongestSubmitRetry;
        }
    }

    private Choice? Handle(SessionSignal signal)
    {
        switch (signal.Kind)
        {
            case SignalKind.Aborted:
                throw new OperationCanceledException("The client left.");
            case SignalKind.TimedOut:
                return OnTimeout();
            default:
                return OnChunk(Choices[signal.Choice], signal);
        }
    }

    private Choice? OnChunk(Choice choice, SessionSignal signal)
    {
        TokenChunk chunk = signal.Chunk!;
        _buffers[signal.Choice].Taken(chunk);
        _progress = _time.GetTimestamp();
        if (choice.IsClosed)
        {
            return null;
        }

        choice.Delta.Clear();
        ChunkVerdict verdict = choice.Accept(chunk, _progress);
        choice.Metrics.Record?.OnText(_time.GetElapsedTime(_progress));
        switch (verdict)
        {
            case ChunkVerdict.Gap:
                _logger.TokensLost(choice.Request.Id, choice.GeneratedTokens, chunk.FirstIndex);
                choice.Fail(RequestOutcome.InstanceLost);
                break;
            case ChunkVerdict.TooMany:
                choice.Fail(RequestOutcome.EngineFailed);
                break;
            case ChunkVerdict.StopFound:
                _ = EndAsync(choice, RequestOutcome.CompletedStop);
                break;
        }

        if (choice.IsClosed)
        {
            _open--;
        }

        if (choice.Outcome != RequestOutcome.None && !OutcomeErrors.IsSuccess(choice.Outcome))
        {
            _logger.EndedInError(choice.Request.Id, choice.Outcome, chunk.Error);
            throw new ApiException(OutcomeErrors.ToError(choice.Outcome, chunk.Error));
        }

        return choice.Delta.IsEmpty ? null : choice;
    }

    // The timer is set anew only when it would fire too late: once in a while it fires early, instead of being moved per token.
    private void Arm()
    {
        TimeSpan due = _time.GetElapsedTime(_began, _progress) + Patience();
        if (_options.RequestTimeout < due && IsRunning)
        {
            due = _options.RequestTimeout.Value;
        }

        if (!(_armed <= due))
        {
            _armed = due;
            TimeSpan left = due - _time.GetElapsedTime(_began);
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private Choice? OnTimeout()
    {
        _armed = null;
        if (_time.GetElapsedTime(_began) >= _options.RequestTimeout && IsRunning)
        {
            foreach (Choice choice in Choices)
            {
                choice.Fail(RequestOutcome.TimedOut);
            }

            throw new ApiException(OutcomeErrors.ToError(RequestOutcome.TimedOut, null));
        }

        if (_time.GetElapsedTime(_progress) < Patience())
        {
            // The timer fired just as a chunk came.
            return null;
        }

        foreach (Choice choice in Choices)
        {
            if (choice.Outcome == RequestOutcome.None)
            {
                _logger.TimedOut(choice.Request.Id, Patience().TotalSeconds);
                choice.Fail(RequestOutcome.InstanceLost);
                throw new ApiException(OutcomeErrors.ToError(RequestOutcome.InstanceLost, null));
            }
        }

        // All have their outcome; only last chunks are missing.
        _open = 0;
        return null;
    }

    private bool IsRunning
    {
        get
        {
            foreach (Choice choice in Choices)
            {
                if (choice.Outcome == RequestOutcome.None)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private TimeSpan Patience()
    {
        bool started = false;
        foreach (Choice choice in Choices)
        {
            started |= choice.GeneratedTokens > 0;
        }

        return !IsRunning ? LastChunkTimeout : started ? _options.IdleTokenTimeout : _options.FirstTokenTimeout;
    }

    private void EndInBackground(Choice choice) =>
        _ = EndAsync(choice, OutcomeErrors.IsSuccess(choice.Outcome) ? choice.Outcome : RequestOutcome.Cancelled);

    private async Task EndAsync(Choice choice, RequestOutcome outcome)
    {
        try
        {
            await _backend.EndAsync(choice.Request.Id, outcome);
        }
        catch (Exception exception)
        {
            _logger.EndFailed(choice.Request.Id, outcome, exception);
        }
    }

    // Where later runs began only the request's grain knows.
    private async Task FindStartsAsync(GenerationRecord record)
    {
        try
        {
            record.SetStarts(await _backend.GetStartsAsync(record.Id));
        }
        catch (Exception exception)
        {
            _logger.StartsUnknown(record.Id, exception);
        }
    }

    private void LogEnd(Choice choice) => _logger.Finished(
        choice.Request.Id,
        choice.Request.Model,
        choice.Outcome,
        choice.Request.PromptTokens.Length,
        choice.CachedTokens,
        choice.GeneratedTokens,
        choice.Metrics.FirstTokenSeconds * 1000,
        choice.Metrics.ElapsedSeconds * 1000);

    private void Signal(SignalKind kind) => _signals.Writer.TryWrite(new SessionSignal(-1, null, kind));
}
