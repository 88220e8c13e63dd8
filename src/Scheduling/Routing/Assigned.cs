namespace XLLM.Scheduling.Routing;

/// <summary>
/// How a router knows an instance's work to have changed since that instance's newest load report: sent there counts up, done
/// counts down, so each may be negative.
/// </summary>
/// <param name="Prefills">Requests that wait for or compute their prompt.</param>
/// <param name="PromptTokens">Prompt tokens of theirs to compute.</param>
/// <param name="Decodes">Requests that generate, or will here once their prompt is computed elsewhere.</param>
/// <param name="KvTokens">Tokens of KV those hold.</param>
public readonly record struct Assigned(int Prefills, long PromptTokens, int Decodes = 0, long KvTokens = 0)
{
    public int Requests => Prefills + Decodes;

    public static Assigned operator +(Assigned a, Assigned b) =>
        new(a.Prefills + b.Prefills, a.PromptTokens + b.PromptTokens, a.Decodes + b.Decodes, a.KvTokens + b.KvTokens);

    public static Assigned operator -(Assigned a, Assigned b) =>
        new(a.Prefills - b.Prefills, a.PromptTokens - b.PromptTokens, a.Decodes - b.Decodes, a.KvTokens - b.KvTokens);
}
