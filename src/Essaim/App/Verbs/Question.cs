namespace Essaim;

/// <summary>Asks on the terminal before something is done that cannot be taken back.</summary>
internal static class Question
{
    /// <param name="context">Where to write.</param>
    /// <param name="why">Such as <c>purge asks before it removes anything</c>, for the error where nobody can answer.</param>
    /// <param name="question">With its choices.</param>
    /// <param name="refused">Said where the answer is no.</param>
    /// <exception cref="AppException"><c>ESS4007</c> nobody is there to answer.</exception>
    public static bool Ask(CommandContext context, string why, string question, string refused)
    {
        if (Console.IsInputRedirected)
            throw new AppException("ESS4007", $"{why}, and nobody is there to answer. Give --yes.");
        Console.Error.Write(question);
        bool yes = Console.ReadLine() is "y" or "Y" or "yes";
        if (!yes)
            context.Output.Say(refused);
        return yes;
    }
}
