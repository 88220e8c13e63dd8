using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Simulator.Devices;

namespace XLLM.Simulator.Running;

/// <summary>
/// One engine in simulated time: a queue first come, first served; steps of all decodes and then prompt tokens up to the budget.
/// KV for prompt and whole answer is reserved at admission, so nothing is pre-empted.
/// </summary>
internal sealed class SimInstance(InstanceDescriptor descriptor, DeviceProfile device, int chunkTokens)
{
    private const int MostSamples = 4;

    private readonly Queue<SimRequest> _waiting = new();
    private readonly List<SimRequest> _prefilling = [];
    private readonly List<(SimRequest Request, int Tokens)> _step = [];
    private readonly PriorityQueue<SimRequest, (long Step, int Number)> _decoding = new();
    private readonly List<PrefillSample> _prefillSamples = [];
    private readonly List<DecodeSample> _decodeSamples = [];
    private long _waitingTokens;
    private long _reserved;
    private long _kv;
    private long _prefillKv;
    private long _decodeSteps;
    private long _sequence;
    private double _stepStart;
    private int _stepPrompt;
    private double _stepPairs;
    private long _promptTokens;
    private double _intervals;
    private long _tokens;
    private double _maxTtft = double.NaN;

    public InstanceDescriptor Descriptor { get; } = descriptor;

    public InstanceId Id => Descriptor.Id;

    public bool IsAlive { get; set; } = true;

    /// <summary>A step is under way.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>When its outgoing link is free, seconds.</summary>
    public double LinkFree { get; set; }

    /// <summary>Seconds spent in steps.</summary>
    public double BusySeconds { get; private set; }

    public void Enqueue(SimRequest request)
    {
        _waiting.Enqueue(request);
        _waitingTokens += request.Remaining;
    }

    /// <summary>
    /// Begins a step when there is something to do, which takes <paramref name="slowness"/> times what it takes alone. Returns when
    /// it ends, or null.
    /// </summary>
    public double? Begin(double now, double slowness)
    {
        Admit();
        _step.Clear();
        int decodes = _decoding.Count;
        int budget = decodes > 0 ? Math.Max(0, chunkTokens) : device.StepTokens;
        int tokens = 0;
        double attention = 0;
        foreach (SimRequest request in _prefilling)
        {
            if (budget == 0)
            {
                break;
            }

            int chunk = Math.Min(request.Remaining, budget);
            budget -= chunk;
            tokens += chunk;
            attention += DeviceProfile.Attention(request.KvTokens, chunk);
            _step.Add((request, chunk));
            request.Started = double.IsNaN(request.Started) ? now : request.Started;
        }

        if (decodes == 0 && tokens == 0)
        {
            return null;
        }

        double seconds = slowness * device.Seconds(tokens, attention, decodes, _kv - _prefillKv);
        (_stepStart, _stepPrompt, _stepPairs, IsBusy) = (now, tokens, attention, true);
        BusySeconds += seconds;
        return now + seconds;
    }

    /// <summary>Ends the step: adds those that have finished, and those whose prompt is computed, in order.</summary>
    public void End(double now, List<SimRequest> finished, List<SimRequest> prefilled)
    {
        IsBusy = false;
        int decodes = _decoding.Count;
        SampleStep(now - _stepStart, decodes);
        _promptTokens += _stepPrompt;
        if (decodes > 0)
        {
            _decodeSteps++;
            double seconds = now - _stepStart;
            _intervals += seconds * decodes;
            _tokens += decodes;
            _kv += decodes;
            while (_decoding.TryPeek(out SimRequest? first, out (long Step, int Number) last) && last.Step <= _decodeSteps)
            {
                _decoding.Dequeue();
                _kv -= first.PromptTokens + first.OutputTokens - 1;
                _reserved -= Reserve(first);
                first.Generated = first.OutputTokens;
                finished.Add(first);
            }
        }

        foreach ((SimRequest request, int tokens) in _step)
        {
            request.Remaining -= tokens;
            request.KvTokens += tokens;
            _kv += tokens;
            _prefillKv += tokens;
            if (request.Remaining == 0)
            {
                _prefilling.Remove(request);
                prefilled.Add(request);
            }
        }
    }

    /// <summary>Its prompt is computed and its next token sampled: the request goes on decoding here.</summary>
    public void Decode(SimRequest request)
    {
        _prefillKv -= request.KvTokens;
        request.LastStep = _decodeSteps + request.OutputTokens - request.Generated;
        _decoding.Enqueue(request, (request.LastStep, request.Number));
    }

    /// <summary>Its prompt is computed and nothing follows here.</summary>
    public void Leave(SimRequest request)
    {
        _kv -= request.KvTokens;
        _prefillKv -= request.KvTokens;
        _reserved -= Reserve(request);
    }

    /// <summary>A first token came so long after its arrival.</summary>
    public void NoteTtft(double seconds) => _maxTtft = double.IsNaN(_maxTtft) ? seconds : Math.Max(_maxTtft, seconds);

    /// <summary>Everything it had, when it dies; decodes with the tokens they have generated. Ordered by number.</summary>
    public List<SimRequest> Die()
    {
        IsAlive = false;
        List<SimRequest> lost = [.. _waiting, .. _prefilling];
        foreach ((SimRequest request, _) in _decoding.UnorderedItems)
        {
            request.Generated = request.OutputTokens - (int)(request.LastStep - _decodeSteps);
            lost.Add(request);
        }

        return [.. lost.OrderBy(r => r.Number)];
    }

    /// <summary>Its heartbeat; figures since the last one begin anew.</summary>
    public LoadReport Report()
    {
        LoadReport report = new()
        {
            Instance = Id,
            Epoch = Descriptor.Epoch,
            Sequence = ++_sequence,
            Running = _prefilling.Count + _decoding.Count,
            Prefilling = _prefilling.Count,
            Waiting = _waiting.Count,
            TotalBlocks = device.TotalBlocks,
            FreeBlocks = device.TotalBlocks - (int)((_kv + device.BlockTokens - 1) / device.BlockTokens),
            PromptTokens = _promptTokens,
            PendingPrefillTokens = _waitingTokens + _prefilling.Sum(r => (long)r.Remaining),
            RunningTokens = _kv,
            TokenSeconds = _tokens > 0 ? _intervals / _tokens : double.NaN,
            MaxTtftSeconds = _maxTtft,
            Recent = new LatencyProfile { Prefill = [.. _prefillSamples], Decode = [.. _decodeSamples] },
        };
        _prefillSamples.Clear();
        _decodeSamples.Clear();
        (_intervals, _tokens, _maxTtft) = (0, 0, double.NaN);
        return report;
    }

    // As an engine samples its steps: several prompts as one with as much attention.
    private void SampleStep(double seconds, int decodes)
    {
        long kv = _kv - _prefillKv;
        if (_stepPrompt == 0 && _decodeSamples.Count < MostSamples)
        {
            _decodeSamples.Add(new DecodeSample(kv, decodes, seconds));
        }
        else if (_stepPrompt > 0 && _prefillSamples.Count < MostSamples)
        {
            int held = (int)Math.Max(0, (_stepPairs / _stepPrompt) - (_stepPrompt / 2.0));
            _prefillSamples.Add(new PrefillSample(_stepPrompt + held, held, seconds) { Decodes = decodes, KvTokens = kv });
        }
    }

    private void Admit()
    {
        long capacity = (long)device.TotalBlocks * device.BlockTokens;
        while (_waiting.TryPeek(out SimRequest? next) && _prefilling.Count + _decoding.Count < device.MaxRunning
            && (_reserved + Reserve(next) <= capacity || _reserved == 0))
        {
            _waiting.Dequeue();
            _waitingTokens -= next.Remaining;
            _reserved += Reserve(next);
            _kv += next.KvTokens;
            _prefillKv += next.KvTokens;
            _prefilling.Add(next);
        }
    }

    private static long Reserve(SimRequest request) =>
        request.IsPush ? request.PromptTokens : (long)request.PromptTokens + request.OutputTokens;
}
