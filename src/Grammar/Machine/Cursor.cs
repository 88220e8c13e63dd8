using XLLM.Grammar.Ebnf;
using XLLM.Grammar.Numbers;
using XLLM.Grammar.Structures;

namespace XLLM.Grammar.Machine;

/// <summary>
/// Where a text stands: the containers around, what is being written and how far. A value; stepping a copy leaves the original as it
/// was. <c>State</c> and <c>Node</c> belong to the text machine (or the literal), <c>Count</c> counts code points or blanks.
/// </summary>
internal struct Cursor
{
    public Frame? Top;
    public Goal? Goal;
    public NumberText? Number;
    public EbnfSite? Site;

    /// <summary>Of a structure: the part it stands in; the other fields are those of the part's own machine.</summary>
    public Place? Place;
    public ulong Hash;
    public int State;
    public int Node;
    public int Count;
    public int Char;
    public Mode Mode;
    public NumberPhase Phase;
}
