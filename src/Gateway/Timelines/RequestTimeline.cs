using System.Collections.Immutable;
using System.Globalization;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Timelines;

/// <summary>
/// The steps of a request in the order they began, from what gateway, request grain and engine measured. Engines on other machines measure
/// with their own clocks: a step never ends before it begins. Pure.
/// </summary>
internal sealed class RequestTimeline
{
    private readonly List<TimelineStep> _steps = [];
    private readonly GenerationRecord _record;
    private readonly double _now;
    private readonly double _shift;

    private RequestTimeline(GenerationRecord record, double now)
    {
        _record = record;
        _now = record.HasEnded ? record.EndedSeconds : now;
        _shift = ReceivedBefore(record);
    }

    /// <summary>The steps of a request, <paramref name="now"/> seconds after its arrival.</summary>
    public static ImmutableArray<TimelineStep> Of(GenerationRecord record, double now)
    {
        var timeline = new RequestTimeline(record, now);
        timeline.AddGateway();
        timeline.AddRuns();
        timeline.AddAnswer();
        return [.. timeline._steps.OrderBy(s => s.Begin).ThenBy(s => s.Step)];
    }

    /// <summary>Index of the step that cost most, those apart that consist of others; -1 = none.</summary>
    public static int SlowestOf(ImmutableArray<TimelineStep> steps)
    {
        int slowest = -1;
        for (int i = 0; i < steps.Length; i++)
        {
            if (!steps[i].IsWhole && (slowest < 0 || steps[i].Cost > steps[slowest].Cost))
            {
                slowest = i;
            }
        }

        return slowest;
    }

    /// <summary>Seconds from receiving a request to its arrival, when its body had been read and its prompt was tokens.</summary>
    public static double ReceivedBefore(GenerationRecord record) =>
        record.Origin is { } origin ? Math.Max(0, -record.At(origin.Received)) : 0;

    private void AddGateway()
    {
        if (_record.Origin is { } origin)
        {
            Add(new(1, "parse", _record.At(origin.Received), _record.At(origin.Parsed)));
        }

        double parsed = _record.Origin is { } from ? _record.At(from.Parsed) : 0;
        Add(new(2, "text", parsed, _record.EncodedSeconds)
        {
            Note = $"{_record.PromptTokens} prompt tokens",
        });
        AddWhole(3, "submit", _record.SubmittedSeconds, _record.AcceptedSeconds);
        if (_record.Starts is [var first, ..])
        {
            AddWhole(4, "own", first.BeganSeconds, _record.EndedSeconds);
        }
    }

    private void AddRuns()
    {
        ImmutableArray<RunStart> starts = _record.Starts;
        for (int i = 0; i < starts.Length; i++)
        {
            RunStart start = starts[i];
            RunStart? next = i + 1 < starts.Length ? starts[i + 1] : null;
            double until = next?.BeganSeconds ?? (_record.HasEnded ? _now : double.NaN);
            AddStart(start, until);
            if (start.Refusal == RequestOutcome.None && double.IsFinite(start.StartedSeconds))
            {
                AddEngine(start, next);
            }
        }
    }

    private void AddStart(RunStart start, double until)
    {
        string? instance = start.Plan?.Decode.Value;
        bool refused = start.Refusal != RequestOutcome.None;
        double routed = Or(start.RoutedSeconds, until);
        AddOf(start, 5, "route", start.BeganSeconds, start.RoutedSeconds, routed, refused && start.Plan is null, instance, NoteOf(start));
        if (start.Plan is null)
        {
            return;
        }

        double reserved = Or(start.ReservedSeconds, until);
        bool unreserved = refused && double.IsNaN(start.ReservedSeconds);
        AddOf(start, 6, "reserve", routed, start.ReservedSeconds, reserved, unreserved, instance, unreserved ? start.Message : null);
        if (double.IsFinite(start.ReservedSeconds))
        {
            AddOf(start, 7, "start", reserved, start.StartedSeconds, Or(start.StartedSeconds, until), refused, instance, start.Message);
        }
    }

    private void AddOf(
        RunStart start, int step, string name, double begin, double known, double end, bool isFault, string? instance, string? note) =>
        Add(new(step, name, begin, end)
        {
            Run = start.Run, Instance = instance, IsFault = isFault, Note = note, IsOpen = double.IsNaN(known) && !_record.HasEnded,
        });

    private void AddEngine(RunStart start, RunStart? next)
    {
        RunSeen? seen = _record.Runs.FirstOrDefault(r => r.Run == start.Run);
        string instance = start.Plan!.Decode.Value;
        // The engine that the request ended at tells its times; of one that was lost there is what came here.
        if (next is null && _record.Usage is { } usage && double.IsFinite(usage.QueueSeconds))
        {
            AddMeasured(start, usage, seen, instance);
            return;
        }

        double first = seen?.FirstSeconds ?? double.NaN;
        double until = next?.BeganSeconds ?? double.NaN;
        AddOf(start, 7, "prefill", start.StartedSeconds, first, Or(first, Or(until, _now)), false, instance,
            "queue, KV and prompt, as seen from here");
        if (seen is not null)
        {
            double end = next is null && !_record.HasEnded ? _now : seen.LastSeconds;
            AddOf(start, 8, "decode", first, next is null ? double.NaN : until, end, false, instance, $"{seen.Tokens} tokens");
        }

        if (next is not null)
        {
            double last = seen?.LastSeconds ?? start.StartedSeconds;
            AddOf(start, 8, "lost", last, until, until, true, instance, $"{next.Cause}: until it was known and the next run began");
        }
    }

    private void AddMeasured(RunStart start, RequestUsage usage, RunSeen? seen, string instance)
    {
        // An engine that goes on with a request's tokens samples no first one: then it is when its first one came here.
        double first = Or(usage.FirstTokenSeconds, seen?.FirstSeconds ?? double.NaN);
        double last = Or(usage.LastTokenSeconds, seen?.LastSeconds ?? double.NaN);
        double from = start.StartedSeconds;
        if (double.IsFinite(usage.KvSeconds))
        {
            string source = start.Plan!.IsMixed ? start.Plan.FetchFrom?.Value ?? "elsewhere" : start.Plan.Prefill.Value;
            AddOf(start, 7, "kv", from, usage.KvSeconds, usage.KvSeconds, false, instance,
                $"{(start.Plan.IsMixed ? "fetched" : "computed and sent")} by {source}; {usage.FoundTokens} tokens were there then");
            from = Math.Max(from, usage.KvSeconds);
        }

        string? preempted = usage.Preemptions > 0 ? $"pre-empted {usage.Preemptions} times" : null;
        AddOf(start, 7, "queue", from, usage.QueueSeconds, usage.QueueSeconds, false, instance, preempted);
        AddOf(start, 7, "prefill", usage.QueueSeconds, first, first, false, instance,
            $"{usage.PromptTokens} prompt tokens, {usage.FoundTokens} found, {usage.CachedTokens} cached");
        AddOf(start, 8, "decode", first, last, last, false, instance, $"{seen?.Tokens ?? usage.GeneratedTokens} tokens");
    }

    private void AddAnswer()
    {
        double first = _record.FirstTokenSeconds;
        double last = _record.LastTokenSeconds;
        if (double.IsFinite(first))
        {
            AddWhole(9, "stream", first, _record.HasEnded ? last : double.NaN);
            AddPieces(10, "detokenize", first, _record.TextSeconds);
            AddPieces(11, "answer", first, _record.AnswerSeconds);
        }

        if (_record.HasEnded)
        {
            double begin = Or(last, Or(_record.AcceptedSeconds, _record.EncodedSeconds));
            Add(new(12, "end", begin, _now) { Note = _record.Outcome.ToString() });
        }
    }

    private void AddPieces(int step, string name, double begin, double busy) =>
        Add(new(step, name, begin, _now) { Busy = busy, IsOpen = !_record.HasEnded });

    private void AddWhole(int step, string name, double begin, double end) =>
        Add(new(step, name, begin, Or(end, _now)) { IsWhole = true, IsOpen = double.IsNaN(end) && !_record.HasEnded });

    private void Add(TimelineStep step)
    {
        if (double.IsFinite(step.Begin))
        {
            double begin = Math.Max(0, step.Begin + _shift);
            double end = double.IsFinite(step.End) ? step.End + _shift : _now + _shift;
            _steps.Add(step with { Begin = begin, End = Math.Max(begin, end) });
        }
    }

    private static double Or(double value, double other) => double.IsFinite(value) ? value : other;

    private static string? NoteOf(RunStart start)
    {
        string?[] parts =
        [
            start.Plan?.Policy,
            start.Plan?.Reason,
            start.Plan is { IsMixed: false } split ? $"prompt at {split.Prefill}" : null,
            double.IsFinite(start.Plan?.ExpectedTtftSeconds ?? double.NaN)
                ? string.Create(CultureInfo.InvariantCulture, $"first token predicted in {start.Plan!.ExpectedTtftSeconds:0.###} s")
                : null,
            start.Plan is null ? start.Message : null,
        ];
        string note = string.Join("; ", parts.Where(p => !string.IsNullOrEmpty(p)));
        return note.Length > 0 ? note : null;
    }
}
