namespace Essaim;

/// <summary>Finds the word that was meant by a mistyped one.</summary>
internal static class Suggestion
{
    private const int MostLength = 64;

    /// <summary>The nearest of the words, if one is near: at most a third of its letters differ.</summary>
    public static string? For(string typed, IEnumerable<string> words)
    {
        if (typed.Length > MostLength)
            return null;
        string? best = null;
        int least = int.MaxValue;
        foreach (string word in words)
        {
            int distance = Distance(typed.ToUpperInvariant(), word.ToUpperInvariant());
            if (distance < least && distance <= Math.Max(1, Math.Max(typed.Length, word.Length) / 3))
                (best, least) = (word, distance);
        }

        return best;
    }

    /// <summary>Optimal string alignment: letters changed, put in, left out, or swapped with the next.</summary>
    private static int Distance(string a, string b)
    {
        int[,] costs = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    costs[i, j] = i + j;
                    continue;
                }

                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                costs[i, j] = Math.Min(Math.Min(costs[i - 1, j] + 1, costs[i, j - 1] + 1), costs[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
            }
        }

        return costs[a.Length, b.Length];
    }
}
