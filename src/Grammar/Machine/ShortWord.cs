using System.Text;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>Shortest ends of words: breadth first through the states of a text machine.</summary>
internal static class ShortWord
{
    private const int MaxStates = 20_000;

    /// <summary>The fewest code points that lead from a state to an admitted end; null when none is found within limits.</summary>
    /// <param name="machine">The words.</param>
    /// <param name="node">Trie node.</param>
    /// <param name="state">Automaton state.</param>
    /// <param name="count">Code points so far.</param>
    /// <param name="ends">Whether the word may end at (node, state, count).</param>
    /// <param name="live">Whether it may go on from there.</param>
    public static List<int>? Find(
        TextMachine machine, int node, int state, int count, Func<int, int, int, bool> ends, Func<int, int, int, bool> live)
    {
        var from = new Dictionary<(int, int, int), ((int, int, int) Back, int By)>();
        var queue = new Queue<(int Node, int State, int Count)>();
        (int Node, int State, int Count) start = (node, state, count);
        from[start] = (start, -1);
        queue.Enqueue(start);
        while (queue.TryDequeue(out (int Node, int State, int Count) at))
        {
            if (ends(at.Node, at.State, at.Count))
            {
                List<int> word = [];
                while (from[at] is { By: >= 0 } step)
                {
                    word.Add(step.By);
                    at = step.Back;
                }

                word.Reverse();
                return word;
            }

            if (from.Count > MaxStates)
            {
                return null;
            }

            foreach (int codePoint in Choices(machine, at.Node))
            {
                (int, int, int) next = (machine.Trie.Step(at.Node, codePoint), machine.Automaton.Step(at.State, codePoint), at.Count + 1);
                if (!from.ContainsKey(next) && live(next.Item1, next.Item2, next.Item3))
                {
                    from[next] = (at, codePoint);
                    queue.Enqueue(next);
                }
            }
        }

        return null;
    }

    /// <summary>The JSON spelling of code points.</summary>
    public static byte[] Spell(IEnumerable<int> word)
    {
        StringBuilder text = new();
        foreach (int codePoint in word)
        {
            _ = codePoint switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                < 0x20 => text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{codePoint:x4}"),
                _ => text.Append(char.ConvertFromUtf32(codePoint)),
            };
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>One code point for each way to go: those of the trie, then of every class a readable one if there is one.</summary>
    private static IEnumerable<int> Choices(TextMachine machine, int node)
    {
        foreach (int key in machine.Trie.Keys(node).ToArray())
        {
            yield return key;
        }

        CodeClasses classes = machine.Automaton.Classes;
        bool[] given = new bool[classes.Count];
        int named = machine.Trie.Keys(node).Length;
        foreach (int codePoint in (int[])[.. Enumerable.Range('a', 26), .. Enumerable.Range(' ', 65), .. Enumerable.Range('{', 4)])
        {
            int codeClass = classes.Of(codePoint);
            if (codePoint is '"' or '\\' || given[codeClass] || (named > 0 && machine.Trie.Step(node, codePoint) >= 0))
            {
                continue;
            }

            given[codeClass] = true;
            yield return codePoint;
        }

        for (int c = 0; c < given.Length; c++)
        {
            if (!given[c] && classes.Representatives[c] is < 0xD800 or >= 0xE000)
            {
                yield return classes.Representatives[c];
            }
        }
    }
}
