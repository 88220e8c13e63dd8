namespace XLLM.Cli.Bench.Points;

/// <summary>
/// Steps of a mixed point. Streams [0, S) decode from the start; prompts of streams [S, 2 S) are all there and are computed one
/// after the other in what room a step has beside the decoding streams; a stream decodes once its prompt is in. Ends with the
/// last prompt. Every side runs the same steps.
/// </summary>
internal sealed class MixedSchedule(BenchPoint point)
{
    private readonly int[] _lengths = [.. Enumerable.Range(0, 2 * point.Streams).Select(s => s < point.Streams ? point.Context : 0)];

    // The first stream whose prompt is not in.
    private int _arriving = point.Streams;

    /// <summary>Tokens of all steps given out: decoded and of prompts.</summary>
    public long Tokens { get; private set; }

    /// <summary>Null after the last step.</summary>
    public IReadOnlyList<MixedPart>? Next()
    {
        if (_arriving == _lengths.Length)
        {
            return null;
        }

        List<MixedPart> parts = [];
        for (int s = 0; s < _arriving; s++)
        {
            parts.Add(new MixedPart(s, 1, _lengths[s]++, true));
        }

        for (int room = BenchPoint.StepTokens - parts.Count; room > 0 && _arriving < _lengths.Length;)
        {
            int at = _lengths[_arriving];
            int count = Math.Min(room, point.Context - at);
            bool last = at + count == point.Context;
            parts.Add(new MixedPart(_arriving, count, at, last));
            _lengths[_arriving] += count;
            _arriving += last ? 1 : 0;
            room -= count;
        }

        Tokens += parts.Sum(p => (long)p.Count);
        return parts;
    }
}
