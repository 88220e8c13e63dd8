namespace XLLM.Contracts.Requests;

/// <summary>How the hidden states of a prompt's tokens, after the model's last norm, become one vector.</summary>
public enum PoolingKind
{
    /// <summary>They do not: a request generates, a model gives no embeddings.</summary>
    None = 0,

    /// <summary>The last token's.</summary>
    Last = 1,

    /// <summary>Their mean, summed in float64 from the first token on.</summary>
    Mean = 2,

    /// <summary>The first token's (CLS).</summary>
    First = 3,
}
