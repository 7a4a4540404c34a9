import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Says of each PDF whether it is PDF/A-3u, and which clauses it breaks; the exit status is 0 if all are. */
public final class Validate {
  private static final PDFAFlavour FLAVOUR = PDFAFlavour.PDFA_3_U;

  public static void main(String[] files) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    boolean good = files.length > 0;
    for (String file : files) {
      try (FileInputStream content = new FileInputStream(file);
          PDFAParser parser = Foundries.defaultInstance().createParser(content, FLAVOUR);
          PDFAValidator validator = Foundries.defaultInstance().createValidator(FLAVOUR, false)) {
        ValidationResult found = validator.validate(parser);
        System.out.printf("%s: %s, %,d checks%n", file, found.isCompliant() ? "PDF/A-3u" : "no PDF/A-3u", found.getTotalAssertions());
        for (TestAssertion broken : found.getTestAssertions()) {
          System.out.printf("  %s: %s%n", broken.getRuleId(), broken.getMessage());
        }
        good &= found.isCompliant();
      }
    }
    System.exit(good ? 0 : 1);
  }
}
