using Microsoft.Extensions.Logging;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Sampling;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>
/// What the engine's thread does in one turn: plan, run, sample, chunks. A step that fails is tried again sequence by
/// sequence, so that only the guilty one fails. All of it belongs to the engine's thread.
/// </summary>
internal sealed partial class EngineTurn
{
    private readonly InstanceDescriptor _descriptor;
    private readonly EngineLoopOptions _options;
    private readonly EngineIntake _intake;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BlockPool _pool;
    private readonly BatchPlanner _planner;
    private readonly StepExecutor _executor;
    private readonly Sampler _sampler;
    private readonly ChunkList _chunks;
    private readonly EngineMetrics _metrics;
    private readonly StepPlan _plan = new();
    private EngineCounters.Numbers _numbers;
    private int _failures;

    public EngineTurn(
        InstanceDescriptor descriptor, IModelRunner runner, BatchLimits limits, EngineLoopOptions options,
        EngineIntake intake, OutputQueue outputs, TimeProvider time, ILogger logger)
    {
        _descriptor = descriptor;
        _options = options;
        _intake = intake;
        _time = time;
        _logger = logger;
        _pool = new BlockPool(runner.Blocks, runner.BlockTokens);
        _planner = new BatchPlanner(_pool, limits, BatchPolicies.Find(options.Policy)!);
        _executor = new StepExecutor(runner, limits.MaxTokens, limits.MaxRunning);
        _sampler = new Sampler(runner.Model.VocabularySize);
        _chunks = new ChunkList(outputs);
        _metrics = new EngineMetrics(descriptor.Id);
    }

    /// <summary>Gains and losses of the prefix cache that were not moved on yet.</summary>
    public BlockEventLog Events => _pool.Events;

    /// <summary>Why the engine cannot go on; null while it can.</summary>
    public string? Fault { get; private set; }

    public long Steps => _numbers.Steps;

    /// <summary>Earliest moment at which something happens without a command.</summary>
    public DateTimeOffset? NextDeadline() => _planner.NextDeadline();

    public void Start(EngineRequest request)
    {
        if (request.Stage != SequenceStage.Ended)
        {
            _planner.Enqueue(request);
            Wish(request);
        }
    }

    /// <summary>Carries out what was wished for the request from outside.</summary>
    public void Wish(EngineRequest request)
    {
        request.Paused = request.PauseWish;
        if (request.EndWish != RequestOutcome.None)
        {
            End(request, request.EndWish);
        }
    }

    /// <summary>Gives the request its outcome, unless it has one; its blocks are available at once.</summary>
    public void End(
        EngineRequest request, RequestOutcome outcome, GeneratedToken? token = null, int? stopToken = null, string? error = null)
    {
        if (request.IsFinished)
        {
            return;
        }

        request.IsFinished = true;
        _planner.End(request);
        _intake.Finish(request, wasQueued: !request.Admitted);
        _chunks.AddEnd(request, outcome, token, stopToken, error);
        LogFinished(_logger, request.Request.Id.Value, outcome, request.PromptLength, request.Sampler.Generated);
    }

    /// <summary>Writes chunks made outside a step.</summary>
    public void Flush() => _chunks.Flush(_numbers.Steps);

    /// <summary>
    /// Plans and runs one step; false when there is nothing to do. <paramref name="takeCommands"/> is called after the runner
    /// has returned, so that a request ended during the step gets no token of it.
    /// </summary>
    public bool TryStep(Action takeCommands, Func<bool> stopping)
    {
        _planner.Plan(_plan, _time.GetUtcNow());
        Report(_plan.Decisions);
        if (_plan.Parts.Count == 0)
        {
            return false;
        }

        long started = _time.GetTimestamp();
        Exception? error = _executor.Run(_plan.Parts, 0, _plan.Parts.Count);
        if (stopping())
        {
            return true;
        }

        takeCommands();
        if (error is null)
        {
            int row = 0;
            for (int i = 0; i < _plan.Parts.Count; i++)
            {
                Accept(_plan.Parts[i], row);
                row += _plan.Parts[i].Outputs;
            }

            _failures = 0;
        }
        else
        {
            Retry(error, stopping);
        }

        _numbers.Steps++;
        _metrics.Step(_plan.Tokens, _plan.Parts.Count, _time.GetElapsedTime(started).TotalSeconds);
        LogStep(_logger, _numbers.Steps, _plan.Parts.Count, _plan.Tokens, _plan.Outputs, _pool.Available);
        _chunks.Flush(_numbers.Steps);
        return true;
    }

    /// <summary>The numbers after this turn.</summary>
    public EngineCounters.Numbers Numbers()
    {
        _numbers.Running = _planner.Running.Count;
        _numbers.Preempted = _planner.PreemptedCount;
        _numbers.FreeBlocks = _pool.Available;
        _numbers.PendingPrefillTokens = _planner.PendingPrefillTokens();
        _numbers.PrefixQueryTokens = _planner.PrefixQueryTokens;
        _numbers.PrefixHitTokens = _planner.PrefixHitTokens;
        _numbers.Preemptions = _planner.Preemptions;
        return _numbers;
    }

    public IReadOnlyList<string> CheckIntegrity() => [.. _planner.CheckIntegrity(), .. _intake.CheckIntegrity()];

    /// <summary>Ends everything alive with the same outcome.</summary>
    public void EndAll(RequestOutcome outcome, string error)
    {
        foreach (EngineRequest request in _intake.Snapshot())
        {
            End(request, outcome, error: error);
        }

        Flush();
    }

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
                    LogAdmitted(_logger, id, request.Count, amount);
                    if (double.IsNaN(request.QueueSeconds))
                    {
                        request.QueueSeconds = request.SecondsSinceArrival(_time.GetUtcNow());
                        _intake.LeaveQueue();
                    }

                    break;
                case BatchDecisionKind.Preempted:
                    LogPreempted(_logger, id, amount, request.Count);
                    _metrics.Preempted();
                    break;
                case BatchDecisionKind.Expired:
                    double waited = request.SecondsSinceArrival(_time.GetUtcNow());
                    End(request, RequestOutcome.ExpiredInQueue, error: $"The request waited {waited:0.###} s, past its deadline.");
                    break;
            }
        }
    }

    private void Retry(Exception error, Func<bool> stopping)
    {
        LogStepFailed(_logger, error, _plan.Parts.Count, _plan.Tokens);
        _metrics.StepFailed();
        bool anyWorked = false;
        for (int i = 0; i < _plan.Parts.Count && !stopping(); i++)
        {
            StepPart part = _plan.Parts[i];
            if (part.Sequence.Stage != SequenceStage.Running)
            {
                continue;
            }

            Exception? own = _plan.Parts.Count == 1 ? error : _executor.Run(_plan.Parts, i, 1);
            if (own is null)
            {
                anyWorked = true;
                Accept(part, 0);
            }
            else if (!stopping())
            {
                EngineRequest request = (EngineRequest)part.Sequence;
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

    /// <summary>Takes over what a part computed: scores, token, KV.</summary>
    private void Accept(StepPart part, int row)
    {
        EngineRequest request = (EngineRequest)part.Sequence;
        if (request.Stage != SequenceStage.Running)
        {
            return;
        }

        bool samples = part.Outputs > 0 && part.Tokens == request.Pending;
        int token = -1;
        if (samples && !_sampler.TrySample(_executor.Row(row + part.Outputs - 1), request.Sampler, out token))
        {
            End(request, RequestOutcome.EngineFailed, error: "The model gave logits that are not finite numbers.");
            return;
        }

        if (request.WantsAllRows)
        {
            PromptScorer.Score(request, part, row, _executor, _sampler);
        }

        int promptTokens = Math.Max(0, Math.Min(request.Computed + part.Tokens, request.PromptLength) - request.Computed);
        if (promptTokens > 0)
        {
            _numbers.PromptTokens += promptTokens;
            _metrics.PromptComputed(promptTokens);
        }

        _planner.Complete(request, part.Tokens);
        if (samples)
        {
            AcceptToken(request, token, row + part.Outputs - 1);
        }
    }

    private void AcceptToken(EngineRequest request, int token, int row)
    {
        LogprobOptions wanted = request.Request.Logprobs;
        request.LastTokenSeconds = request.SecondsSinceArrival(_time.GetUtcNow());
        if (request.Sampler.Generated == 0)
        {
            request.FirstTokenSeconds = request.LastTokenSeconds;
        }

        request.Sampler.Observe(token);
        _numbers.GeneratedTokens++;
        _metrics.TokenGenerated();
        if (request.Request.Stop.StopTokenIds is { IsDefault: false } stops && stops.Contains(token))
        {
            End(request, RequestOutcome.CompletedStop, stopToken: token);
            return;
        }

        GeneratedToken described = wanted.Chosen || wanted.Top > 0
            ? _sampler.Describe(_executor.Row(row), token, wanted.Top)
            : new GeneratedToken(token);
        request.Append(token);
        if (request.Generated >= request.Request.Stop.MaxTokens || request.Count >= _descriptor.Model.ContextLength)
        {
            End(request, RequestOutcome.CompletedLength, described);
        }
        else
        {
            _chunks.AddToken(request, described);
        }
    }
}
