namespace XLLM.Grammar.Tests;

internal static class Walks
{
    /// <summary>Any token, but single bytes above ASCII seldom: they are half of the vocabulary.</summary>
    public static int Choose(List<int> allowed, Random random)
    {
        for (int tries = 0; tries < 4; tries++)
        {
            int token = allowed[random.Next(allowed.Count)];
            if (token is < 128 or >= 256)
            {
                return token;
            }
        }

        return allowed[random.Next(allowed.Count)];
    }
}
