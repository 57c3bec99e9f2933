import { Injectable } from '@nestjs/common';
import { Missing } from '@avtala/contracts';
import { Db, noEngagement, rows } from '@avtala/database';

@Injectable()
export class PeopleService {
  constructor(private readonly db: Db) {}

  /** @throws Missing */
  async nameOf(userId: string): Promise<{ name: string; email: string }> {
    const [person] = await this.db.withScope(noEngagement, (tx) =>
      rows<{ name: string; email: string }>(tx, `select name, email from auth_user where id = $1`, [userId]),
    );
    if (!person) throw new Missing('person');
    return person;
  }
}
