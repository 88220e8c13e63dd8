namespace Orleans.Runtime;

/// <summary>A request or its answer. Not changed by the receiver's thread while the sender may still look at it.</summary>
internal sealed class Message
{
    /// <summary>Number of the call at its sender.</summary>
    public required long Id { get; init; }

    public required MessageKind Kind { get; init; }

    public required SiloAddress SendingSilo { get; init; }

    /// <summary>The calling grain; default when the call comes from outside grains.</summary>
    public GrainId SendingGrain { get; init; }

    /// <summary>Null until the message is addressed.</summary>
    public SiloAddress? TargetSilo { get; set; }

    public GrainId TargetGrain { get; init; }

    /// <summary>Null in answers and cancellations.</summary>
    public MethodDescriptor? Method { get; init; }

    public object?[] Arguments { get; init; } = [];

    /// <summary>Request context. Never changed.</summary>
    public Dictionary<string, object>? Context { get; init; }

    /// <summary>Environment.TickCount64 at which the caller stops waiting.</summary>
    public long Expiry { get; init; } = long.MaxValue;

    public int ForwardCount { get; set; }

    /// <summary>A silo has chosen <see cref="TargetSilo"/>; what a client sends is addressed by its gateway.</summary>
    public bool IsAddressed { get; set; }

    /// <summary>Answer: the method's result.</summary>
    public object? Result { get; init; }

    /// <summary>Answer: type of the result as the method declares it.</summary>
    public Type? ResultType { get; init; }

    /// <summary>Answer: what was thrown.</summary>
    public Exception? Error { get; init; }

    public bool IsExpired => Environment.TickCount64 >= Expiry;

    public static Message Answer(Message request, SiloAddress from, object? result, Type? resultType, Exception? error) => new()
    {
        Id = request.Id,
        Kind = MessageKind.Response,
        SendingSilo = from,
        SendingGrain = request.TargetGrain,
        TargetSilo = request.SendingSilo,
        TargetGrain = request.SendingGrain,
        Result = result,
        ResultType = resultType,
        Error = error,
    };

    public override string ToString() => $"{Kind} {Id} {SendingSilo}->{TargetSilo} {TargetGrain} {Method}";
}
