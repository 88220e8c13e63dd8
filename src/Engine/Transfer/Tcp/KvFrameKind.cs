namespace XLLM.Engine.Transfer.Tcp;

/// <summary>What a frame says. R = the side that receives the blocks, S = the one that sends them.</summary>
internal enum KvFrameKind : byte
{
    /// <summary>Client: who it is, whom it wants, a nonce.</summary>
    Hello = 1,

    /// <summary>Server: a nonce.</summary>
    Challenge = 2,

    /// <summary>Client: that it knows the secret.</summary>
    Proof = 3,

    /// <summary>Server: that it knows the secret, and the first credit. The client answers with its credit.</summary>
    Welcome = 4,

    /// <summary>S: opens a push on a lease, or takes it up again.</summary>
    Push = 16,

    /// <summary>R: asks for leading blocks of a chain, or takes the transfer up again.</summary>
    Fetch = 17,

    /// <summary>S: how many leading blocks of a fetch's chain it has.</summary>
    Offer = 18,

    /// <summary>R: blocks it has room for, and which of their layers it has already.</summary>
    Grant = 19,

    /// <summary>S: layers of a block.</summary>
    Data = 20,

    /// <summary>R: layers of a block that came damaged and are wanted again.</summary>
    Again = 21,

    /// <summary>Either: payload bytes taken, which may be sent anew.</summary>
    Credit = 22,

    /// <summary>Either: the transfer lives.</summary>
    Alive = 23,

    /// <summary>S: all that will be sent has been sent.</summary>
    Done = 24,

    /// <summary>R: the transfer is over, S can forget it.</summary>
    Over = 25,

    /// <summary>Either: the transfer, or the connection when the transfer's number is 0, ends, and why.</summary>
    Failed = 26,
}
