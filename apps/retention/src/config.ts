import { IsOptional, IsString } from 'class-validator';
import { join } from 'node:path';

/** retention's own settings. */
export class RetentionConfig {
  /** Ed25519 key (PKCS#8 PEM, 0600) that signs certificates; made on first start. Default: certificate.pem beside the other secrets. */
  @IsOptional() @IsString() CERTIFICATE_KEY_FILE?: string;
  @IsString() AVTALA_SECRETS_DIR = '.data/secrets';

  get certificateKeyFile(): string {
    return this.CERTIFICATE_KEY_FILE ?? join(this.AVTALA_SECRETS_DIR, 'certificate.pem');
  }
}
