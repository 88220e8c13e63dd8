using System.Diagnostics;
using System.Numerics;
using XLLM.Grammar;

namespace XLLM.Engine.Structures;

/// <summary>What workers do for a guide: replay what a request is resumed with, and masks.</summary>
internal sealed partial class OutputGuide
{
    /// <summary>Works out the mask; false when other texts of the grammar were at work so long. A worker's thread.</summary>
    public bool TryWork(int milliseconds)
    {
        GrammarState state = _state!;
        if (!state.TryHold(milliseconds))
        {
            return false;
        }

        try
        {
            if (Mask.Length == 0)
            {
                Replay(state);
            }

            if (!IsClosed)
            {
                Set(_state!.MaskRow());
            }

            metrics.Worked(Stopwatch.GetElapsedTime(_posted).TotalSeconds);
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

        Become(GuideStage.Ready);
        return true;
    }

    private void Replay(GrammarState state)
    {
        IReadOnlyList<int> ends = structures.Tokenizer.EndTokens;
        _adaptsEnds = !ends.ToHashSet().SetEquals(_stops);
        ReadOnlySpan<int> resumed = request.Resumed.AsSpan();
        _steering.Begin(state);
        for (int i = 0; i < resumed.Length; i++)
        {
            int token = resumed[i];
            if (!state.Allows(token))
            {
                throw new GrammarRefusedException("#", "resumed",
                    $"token {i} of the output the request is resumed with ({token}) does not fit its structure");
            }

            GrammarState next = _steering.Take(state.Fork(), ref token, i);
            if (token != resumed[i])
            {
                // Written under other rules of steering.
                state.TryAccept(resumed[i]);
                _steering.Forget();
                continue;
            }

            state = next;
        }

        _thoughts?.Replay(resumed);
        _state = state;
        IsClosed = state.IsClosed;
    }

    /// <summary>Ends are those of the request, and come where the text may end.</summary>
    private void Set(uint[] row)
    {
        GrammarTokenizer vocabulary = structures.Tokenizer;
        bool accepts = vocabulary.EndTokens.Count > 0 ? Has(row, vocabulary.EndTokens[0]) : _state!.IsAccepting;
        if (_adaptsEnds)
        {
            row = (uint[])row.Clone();
            foreach (int end in vocabulary.EndTokens)
            {
                row[end >> 5] &= ~(1u << end);
            }

            foreach (int stop in _stops)
            {
                if ((uint)stop < (uint)vocabulary.VocabularySize)
                {
                    row[stop >> 5] = accepts ? row[stop >> 5] | (1u << stop) : row[stop >> 5] & ~(1u << stop);
                }
            }
        }

        int ways = 0;
        foreach (uint word in row)
        {
            ways += BitOperations.PopCount(word);
        }

        foreach (int stop in _stops)
        {
            ways -= (uint)stop < (uint)vocabulary.VocabularySize && Has(row, stop) ? 1 : 0;
        }

        Mask = row;
        IsClosed = ways == 0 && accepts;
        if (ways == 0 && !accepts)
        {
            throw new GrammarRefusedException("#", "vocabulary", "no token of the vocabulary continues the text");
        }
    }

    private static bool Has(uint[] row, int token) => (row[token >> 5] >> token & 1) != 0;
}
