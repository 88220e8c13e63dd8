using XLLM.Grammar.Ebnf;
using XLLM.Grammar.Numbers;

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
    public ulong Hash;
    public int State;
    public int Node;
    public int Count;
    public int Char;
    public Mode Mode;
    public NumberPhase Phase;
}
