namespace XLLM.Gateway.Timelines;

/// <summary>A run of a request as its tokens came here. Times are in seconds since the request's arrival.</summary>
internal sealed class RunSeen(int run, double at)
{
    public int Run => run;

    public double FirstSeconds { get; } = at;

    public double LastSeconds { get; set; } = at;

    public int Tokens { get; set; }
}
