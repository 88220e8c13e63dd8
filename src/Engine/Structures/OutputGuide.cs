using System.Diagnostics;
using XLLM.Contracts.Requests;
using XLLM.Grammar;

namespace XLLM.Engine.Structures;

/// <summary>
/// Keeps one request's output within its structure: the mask of the next token, and where the text stands. Whoever draws a token
/// has it while it is ready; a mask that is not known yet is worked out by a worker meanwhile. What it does depends on the
/// tokens alone, never on time: a draw that would have to wait too long is put off, and gives the same token later.
/// </summary>
internal sealed partial class OutputGuide(
    InferenceRequest request, OutputStructures structures, GuideWorkers workers, GuideMetrics metrics, Action onReady)
{
    private readonly object _lock = new();
    private readonly OutputSteering _steering = new(request.Stop.MaxTokens);
    private readonly int[] _stops = request.Stop.StopTokenIds.IsDefault ? [] : [.. request.Stop.StopTokenIds];
    private GrammarState? _state;
    private ThoughtLimit? _thoughts;
    private GuideStage _stage;
    private bool _isAwaited;
    private bool _adaptsEnds;
    private long _posted;

    /// <summary>The tokens that may come next, while ready. Not to be written.</summary>
    public uint[] Mask { get; private set; } = [];

    /// <summary>The structure is complete: nothing may follow but an end.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Why it cannot be kept.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Any thread.</summary>
    public GuideStage Stage
    {
        get
        {
            lock (_lock)
            {
                return _stage;
            }
        }
    }

    /// <summary>Compiles the structure, or finds it, and works out the first mask. Once.</summary>
    public void Begin()
    {
        _posted = Stopwatch.GetTimestamp();
        Task<CompiledGrammar> compiling;
        try
        {
            compiling = structures.Cache.GetAsync(request.Structure!);
        }
        catch (GrammarRefusedException error)
        {
            Fail(error);
            return;
        }

        compiling.ContinueWith(
            task =>
            {
                try
                {
                    _state = task.GetAwaiter().GetResult().Start(structures.Tokenizer);
                    _thoughts = request.Thinking is { } thinking
                        ? new ThoughtLimit(structures.Cache.Get(thinking.Thoughts).Start(structures.Tokenizer), thinking.MaxTokens)
                        : null;
                    workers.Post(this);
                }
                catch (Exception error)
                {
                    Fail(error);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.DenyChildAttach,
            TaskScheduler.Default);
    }

    /// <summary>Has the engine told when it is ready or has failed; at once when it is so already.</summary>
    public void Tell()
    {
        lock (_lock)
        {
            _isAwaited = _stage == GuideStage.Working;
            if (_isAwaited)
            {
                return;
            }
        }

        onReady();
    }

    /// <summary>Waits for it up to a time (of <see cref="Stopwatch"/>); Working = it was too short.</summary>
    public GuideStage Await(long deadline)
    {
        lock (_lock)
        {
            while (_stage == GuideStage.Working && Left(deadline) is > 0 and int left)
            {
                Monitor.Wait(_lock, left);
            }

            return _stage;
        }
    }

    /// <summary>
    /// Goes on by the token drawn, or by the one to write in its place so that the text comes to its end within the limit.
    /// False: the grammar is busy and the token is to be drawn again. Only while ready.
    /// </summary>
    /// <param name="token">Drawn under the mask.</param>
    /// <param name="generated">Tokens before it.</param>
    /// <param name="deadline">As of <see cref="Await"/>.</param>
    public bool TryTake(ref int token, int generated, long deadline)
    {
        GrammarState state = _state!;
        if (!state.TryHold(Math.Max(0, Left(deadline))))
        {
            return false;
        }

        try
        {
            if (_stops.AsSpan().Contains(token))
            {
                IsClosed = true;
                return true;
            }

            int drawn = token;
            _thoughts?.Take(ref token, generated);
            int limited = token;
            _state = _steering.Take(state, ref token, generated);
            if (token != limited)
            {
                _thoughts?.Stop();
            }

            if (token != drawn)
            {
                metrics.Forced();
            }

            IsClosed = _state.IsClosed;
            if (IsClosed)
            {
                return true;
            }

            if (_state.KnownMask() is { } known)
            {
                metrics.Known();
                Set(known);
                return true;
            }
        }
        catch (Exception error)
        {
            Fail(error);
            return true;
        }
        finally
        {
            state.Release();
        }

        lock (_lock)
        {
            _stage = GuideStage.Working;
        }

        _posted = Stopwatch.GetTimestamp();
        workers.Post(this);
        return true;
    }

    /// <summary>How many of the tokens, from the first on, the structure takes; all when that cannot be told now.</summary>
    public int Fitting(ReadOnlySpan<int> tokens)
    {
        if (Stage != GuideStage.Ready || !_state!.TryHold(0))
        {
            return tokens.Length;
        }

        try
        {
            GrammarState ahead = _state.Fork();
            int fits = 0;
            while (fits < tokens.Length && (_stops.AsSpan().Contains(tokens[fits]) || ahead.TryAccept(tokens[fits])))
            {
                fits++;
                if (ahead.IsEnded || _stops.AsSpan().Contains(tokens[fits - 1]))
                {
                    break;
                }
            }

            return fits;
        }
        catch (GrammarRefusedException)
        {
            return tokens.Length;
        }
        finally
        {
            _state.Release();
        }
    }

    public void CountLate() => metrics.Late();

    private static int Left(long deadline) =>
        (int)Math.Min(int.MaxValue, Math.Ceiling(1000.0 * (deadline - Stopwatch.GetTimestamp()) / Stopwatch.Frequency));

    private void Fail(Exception error)
    {
        Error = error is GrammarRefusedException
            ? $"The structure of the output cannot be kept: {error.Message}"
            : "The structure of the output could not be kept.";
        metrics.Failed(error);
        Become(GuideStage.Failed);
    }

    private void Become(GuideStage stage)
    {
        bool tell;
        lock (_lock)
        {
            _stage = stage;
            tell = _isAwaited;
            _isAwaited = false;
            Monitor.PulseAll(_lock);
        }

        if (tell)
        {
            onReady();
        }
    }
}
